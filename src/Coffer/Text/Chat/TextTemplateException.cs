namespace Coffer.Text;

/// <summary>A chat template can't be read or rendered.</summary>
public sealed class TextTemplateException : CofferException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="error">What is wrong, for programs.</param>
    /// <param name="message">What it was, what is wrong and what to do, for people.</param>
    /// <param name="innerException">The cause, when another component reported it.</param>
    public TextTemplateException(TextTemplateError error, string message, Exception? innerException = null)
        : base(message, innerException) => Error = error;

    internal TextTemplateException(TextTemplateError error, string message, int line, int column)
        : this(error, $"The chat template, line {line}, column {column}: {message}")
    {
        Line = line;
        Column = column;
    }

    /// <summary>What is wrong, for programs.</summary>
    public TextTemplateError Error { get; }

    /// <summary>The line of the template, counted from 1, or 0 where no place in it is to blame.</summary>
    public int Line { get; }

    /// <summary>The UTF-16 column of that line, counted from 1, or 0.</summary>
    public int Column { get; }
}
