namespace Coffer.Text;

/// <summary>What a generation read and wrote.</summary>
/// <param name="Prompt">Tokens of the prompt, special ones included.</param>
/// <param name="Completion">Tokens that were generated, the one that ended it included; of all sequences that are returned.</param>
/// <param name="Cached">Tokens of the prompt that were not run again, because a session had them in its cache.</param>
public readonly record struct TokenUsage(int Prompt, int Completion, int Cached = 0)
{
    /// <summary>Prompt and completion together.</summary>
    public int Total => Prompt + Completion;
}
