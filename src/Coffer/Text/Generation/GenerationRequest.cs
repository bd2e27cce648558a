namespace Coffer.Text;

/// <summary>One input, tokenized.</summary>
/// <param name="Prompt">The decoder's tokens at the beginning.</param>
/// <param name="Source">What the encoder reads; empty for a decoder alone.</param>
/// <param name="Options">How to generate.</param>
/// <param name="Config">The model's files, for the task.</param>
internal sealed record GenerationRequest(int[] Prompt, int[] Source, GenerationOptions Options, GenerationConfig Config)
{
    /// <summary>Whether the prompt is a conversation.</summary>
    public bool IsConversation { get; init; }

    /// <summary>What the text follows: a decoder's prompt is text, an encoder-decoder's only begins its answer.</summary>
    public ReadOnlySpan<int> Context => Source.Length == 0 ? Prompt : [];

    /// <summary>Tokens that the user gave.</summary>
    public int PromptTokens => Source.Length == 0 ? Prompt.Length : Source.Length;
}
