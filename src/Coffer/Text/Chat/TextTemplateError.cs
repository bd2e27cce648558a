namespace Coffer.Text;

/// <summary>Why a chat template can't be read or rendered.</summary>
public enum TextTemplateError
{
    /// <summary>The template is not in the language of chat templates.</summary>
    Syntax,

    /// <summary>The template uses a statement, filter, test or function that Coffer does not have; the message names it.</summary>
    Unsupported,

    /// <summary>The template uses a value that is not there.</summary>
    Undefined,

    /// <summary>The template does something that its values don't allow, for example adds a number to a text.</summary>
    InvalidOperation,

    /// <summary>The template itself refused the messages (<c>raise_exception</c>); the message holds its words.</summary>
    Refused,

    /// <summary>The template takes more steps, writes more text or nests deeper than the limits allow.</summary>
    LimitExceeded,

    /// <summary>The model has no chat template, or none of the name that was asked for.</summary>
    Missing,

    /// <summary>The file that should hold the template is damaged.</summary>
    InvalidFile,
}
