namespace Coffer.Text;

/// <summary>Why a generation ended.</summary>
public enum FinishReason
{
    /// <summary>The model gave a token that ends a sequence.</summary>
    EndOfSequence,

    /// <summary>As many tokens as were allowed: <see cref="GenerationOptions.MaxNewTokens"/>, or what the model takes.</summary>
    Length,

    /// <summary>One of <see cref="GenerationOptions.StopStrings"/> was written.</summary>
    StopString,

    /// <summary>An endpoint's content filter withheld the rest. Models on this device have none.</summary>
    ContentFilter,
}
