using System.Text;

namespace Coffer.Text;

/// <summary>The text of a generation as its tokens come, up to the first stop string. Not thread-safe.</summary>
internal sealed class StoppedText
{
    private readonly TokenStreamDecoder _decoder;
    private readonly StopScanner _scanner;
    private readonly StringBuilder _text = new();

    /// <param name="tokenizer">The model's.</param>
    /// <param name="prompt">What stands before the text; of a decoder alone.</param>
    /// <param name="stops">The texts that end it.</param>
    public StoppedText(Tokenizer tokenizer, ReadOnlySpan<int> prompt, IReadOnlyList<string> stops)
    {
        _decoder = tokenizer.CreateStreamDecoder(new DecodeOptions { SkipSpecialTokens = true });
        _decoder.Follow(prompt);
        _scanner = new StopScanner(stops);
    }

    /// <summary>Whether a stop string was written.</summary>
    public bool IsStopped => _scanner.IsStopped;

    /// <summary>All of it.</summary>
    public override string ToString() => _text.ToString();

    /// <summary>Takes the next token.</summary>
    /// <returns>The text that is final now.</returns>
    public string Append(int token) => Kept(_scanner.Append(_decoder.Append(token)));

    /// <summary>Ends the text.</summary>
    /// <returns>What was held back.</returns>
    public string Complete() => IsStopped ? "" : Kept(_scanner.Complete(_decoder.Complete()));

    private string Kept(string text)
    {
        _text.Append(text);
        return text;
    }
}
