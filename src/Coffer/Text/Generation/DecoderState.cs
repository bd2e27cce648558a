using Coffer.Inference;

namespace Coffer.Text;

/// <summary>
/// A decoder in the middle of its texts: the calls it runs in, and the key-value cache that goes from run to run without a copy. One
/// generation's, or one session's; on one thread at a time.
/// </summary>
internal sealed class DecoderState : IDisposable
{
    private readonly GenerationGraphs _graphs;
    private readonly IModelCall? _encoder;
    private readonly IModelCall _begin;
    private readonly IModelCall _next;
    private readonly KeyValueCache _cache;
    private readonly List<List<int>> _texts = [];
    private IModelCall _last;
    private DecoderGraph _lastGraph;
    private int _rows = 1;
    private RowPadding _padding = RowPadding.None;

    public DecoderState(GenerationGraphs graphs)
    {
        _graphs = graphs;
        try
        {
            _encoder = graphs.EncoderGraph is { } encoder ? graphs.Runner.Rent(encoder.Name) : null;
            _begin = graphs.Runner.Rent(graphs.BeginGraph.Name);
            _next = graphs.NextGraph == graphs.BeginGraph ? _begin : graphs.Runner.Rent(graphs.NextGraph.Name);
        }
        catch
        {
            _begin?.Dispose();
            _encoder?.Dispose();
            throw;
        }

        _cache = new KeyValueCache(graphs, _encoder, _begin, _next);
        (_last, _lastGraph) = (_begin, graphs.BeginGraph);
    }

    /// <summary>How many tokens of each text were run.</summary>
    public int Past { get; private set; }

    /// <summary>How many scores a token has; after a run.</summary>
    public int VocabularySize => _lastGraph.LogitsOf(_last);

    /// <summary>The scores of the token after a text's last, where they lie; empty where they are not of type float.</summary>
    public ReadOnlySpan<float> ReadLogits(int row) => _lastGraph.ReadLogits(_last, row);

    /// <summary>The scores of the token after a text's last.</summary>
    public void CopyLogits(int row, Span<float> target) => _lastGraph.CopyLogits(_last, row, target);

    /// <summary>Runs the encoder over the texts to answer to.</summary>
    public void Encode(IReadOnlyList<int[]> sources, CancellationToken cancellationToken)
    {
        _padding = RowPadding.Of(sources);
        // Masked: the number is any that the model has.
        _graphs.EncoderGraph!.Write(_encoder!, sources, _padding, paddingToken: sources[0][0]);
        _encoder!.Run(cancellationToken);
        Restart();
    }

    /// <summary>Forgets the texts; the encoder's output stays.</summary>
    public void Restart()
    {
        (Past, _rows) = (0, 1);
        _texts.Clear();
        _cache.Restart();
    }

    /// <summary>Makes every text of a run one of its own, each behind so much padding.</summary>
    /// <param name="before">How much, for each.</param>
    /// <param name="lastPositions">The last position of each.</param>
    public void BeginRows(int[] before, int[] lastPositions)
    {
        Restart();
        _rows = before.Length;
        _padding = _padding.With(before, lastPositions);
    }

    /// <summary>Adds tokens to every text and runs them.</summary>
    /// <param name="tokens">As many for each text, text by text.</param>
    /// <param name="cancellationToken">Stops the run; the state stays as it was before.</param>
    public void Run(ReadOnlySpan<int> tokens, CancellationToken cancellationToken)
    {
        if (!_graphs.HasCache)
        {
            RunWhole(tokens, cancellationToken);
            return;
        }

        var single = (Past == 0 ? _graphs.BeginGraph : _graphs.NextGraph).FixedTokens == 1 && tokens.Length > _rows;
        if (!single)
        {
            RunCached(tokens, cancellationToken);
            return;
        }

        // A graph that takes one token a run; several at once come only at the beginning, of one text.
        foreach (var token in tokens)
        {
            RunCached([token], cancellationToken);
        }
    }

    /// <summary>
    /// Puts texts in the place of others, with their caches: text i goes on from what was text <c>sources[i]</c>. The identity costs nothing;
    /// else the cache of the decoder's own tokens is copied, once, row by row.
    /// </summary>
    public void Reorder(ReadOnlySpan<int> sources)
    {
        if (IsIdentity(sources))
        {
            return;
        }

        if (_graphs.HasCache)
        {
            _cache.Gather(_last, sources, Past);
        }
        else
        {
            List<int>[] texts = [.. sources.ToArray().Select(source => _texts[source].ToList())];
            _texts.Clear();
            _texts.AddRange(texts);
        }

        if (_rows != sources.Length)
        {
            _cache.SpreadEncoderStates(sources.Length);
        }

        _rows = sources.Length;
    }

    /// <summary>Keeps the first tokens of a single text, at the cost of one copy of their cache.</summary>
    /// <returns>Whether it could: not if the graph keeps less than it read, or after a run that failed.</returns>
    public bool TryTruncate(int length)
    {
        if (length == Past)
        {
            return true;
        }

        if (!_graphs.HasCache || _rows != 1 || length == 0 || !_cache.HoldsAll(_last, Past))
        {
            return false;
        }

        _cache.Gather(_last, [0], length);
        Past = length;
        return true;
    }

    public void Dispose()
    {
        if (_next != _begin)
        {
            _next.Dispose();
        }

        _begin.Dispose();
        _encoder?.Dispose();
    }

    private void RunCached(ReadOnlySpan<int> tokens, CancellationToken cancellationToken)
    {
        if (Past == 0)
        {
            _cache.WriteEmpty(_rows);
        }
        else
        {
            _cache.Carry(_last);
        }

        var (call, graph) = Past == 0 ? (_begin, _graphs.BeginGraph) : (_next, _graphs.NextGraph);
        graph.Write(call, tokens, _rows, Past, _padding);
        call.Run(cancellationToken);
        (_last, _lastGraph) = (call, graph);
        _cache.Computed();
        Past += tokens.Length / _rows;
    }

    private void RunWhole(ReadOnlySpan<int> tokens, CancellationToken cancellationToken)
    {
        var count = tokens.Length / _rows;
        var whole = new int[(Past + count) * _rows];
        for (var row = 0; row < _rows; row++)
        {
            var text = whole.AsSpan(row * (Past + count), Past + count);
            if (Past > 0)
            {
                System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_texts[row])[..Past].CopyTo(text);
            }

            tokens.Slice(row * count, count).CopyTo(text[Past..]);
        }

        _graphs.BeginGraph.Write(_begin, whole, _rows, 0, _padding);
        _begin.Run(cancellationToken);
        for (var row = 0; row < _rows; row++)
        {
            if (row == _texts.Count)
            {
                _texts.Add([]);
            }

            _texts[row].AddRange(tokens.Slice(row * count, count));
        }

        Past += count;
    }

    private bool IsIdentity(ReadOnlySpan<int> sources)
    {
        if (sources.Length != _rows)
        {
            return false;
        }

        for (var i = 0; i < sources.Length; i++)
        {
            if (sources[i] != i)
            {
                return false;
            }
        }

        return true;
    }
}
