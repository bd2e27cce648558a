namespace Coffer.Text;

/// <summary>A decoder, and the tokens whose keys and values its cache holds.</summary>
internal sealed class CachedText(GenerationGraphs graphs) : IDisposable
{
    private int[] _ids = [];

    public DecoderState State { get; } = new(graphs);

    /// <summary>How many tokens need not be run again.</summary>
    public int Length => _ids.Length;

    /// <summary>Cuts the cache to what a prompt begins with; the prompt's last token is always run, for its scores.</summary>
    public void GoOnTo(ReadOnlySpan<int> prompt)
    {
        var common = Math.Min(_ids.AsSpan().CommonPrefixLength(prompt), prompt.Length - 1);
        if (!State.TryTruncate(common))
        {
            Forget();
        }
    }

    /// <summary>After a generation, also one that was stopped: what was run of these tokens is in the cache.</summary>
    public void Keep(ReadOnlySpan<int> ids) => _ids = ids[..State.Past].ToArray();

    /// <summary>The next text is run from its beginning.</summary>
    public void Forget()
    {
        State.Restart();
        _ids = [];
    }

    public void Dispose() => State.Dispose();
}
