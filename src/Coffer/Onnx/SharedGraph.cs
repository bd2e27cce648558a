namespace Coffer.Onnx;

/// <summary>A decrypted graph that several sessions may use in place; zeroed after the last.</summary>
internal sealed class SharedGraph : IShared
{
    private readonly Lock _gate = new();
    private readonly IDisposable _owner;
    private int _users = 1;

    public SharedGraph(OnnxGraph graph)
    {
        _owner = graph.Owner;
        Graph = graph with { Owner = new Membership(this) };
    }

    /// <summary>Its owner stands for one user each time the graph is joined.</summary>
    public OnnxGraph Graph { get; }

    public bool IsGone
    {
        get
        {
            lock (_gate)
            {
                return _users == 0;
            }
        }
    }

    public bool TryJoin()
    {
        lock (_gate)
        {
            if (_users == 0)
            {
                return false;
            }

            _users++;
            return true;
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_users > 0)
            {
                return;
            }
        }

        _owner.Dispose();
    }

    private sealed class Membership(SharedGraph graph) : IDisposable
    {
        public void Dispose() => graph.Leave();
    }
}
