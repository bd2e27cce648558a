namespace Coffer.Text.Constraints;

/// <summary>Where in the grammar a text can be: every state with its stack. Never empty.</summary>
internal sealed class AutomatonState(AutomatonPlace[] places, bool isAccepting)
{
    public AutomatonPlace[] Places => places;

    /// <summary>Whether the text may end here.</summary>
    public bool IsAccepting => isAccepting;

    /// <summary>The states after each byte, as far as they were asked for; null for none.</summary>
    public AutomatonState?[]? Next { get; set; }

    /// <summary>Which bytes were asked for.</summary>
    public ulong[]? Known { get; set; }

    /// <summary>Which tokens may follow, by the vocabulary asked for last.</summary>
    public TokenMask? Mask { get; set; }
}

internal readonly record struct AutomatonPlace(int State, AutomatonStack? Stack);

/// <summary>A set of tokens, and of which vocabulary.</summary>
internal sealed record TokenMask(TokenBytes Vocabulary, ulong[] Bits);
