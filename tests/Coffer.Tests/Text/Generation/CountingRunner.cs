using Coffer.Inference;

namespace Coffer.Tests.Text;

/// <summary>Another runner, whose runs are counted by the rows that they have.</summary>
internal sealed class CountingRunner(IModelRunner inner) : IModelRunner
{
    /// <summary>The rows of each run's input_ids, in the order of the runs; of every graph but the encoder.</summary>
    public List<int> Rows { get; } = [];

    public ModelSignature Describe(string graph) => inner.Describe(graph);

    public IModelCall Rent(string graph) => new Call(inner.Rent(graph), graph.StartsWith("encoder", StringComparison.Ordinal) ? [] : Rows);

    public void Dispose()
    {
    }

    private sealed class Call(IModelCall inner, List<int> rows) : IModelCall
    {
        private int _rows;

        private IModelCall Inner { get; } = inner;

        public Span<T> Input<T>(string name, scoped ReadOnlySpan<long> shape)
        {
            _rows = name == "input_ids" ? (int)shape[0] : _rows;
            return Inner.Input<T>(name, shape);
        }

        public ReadOnlySpan<T> Output<T>(string name) => Inner.Output<T>(name);

        public ReadOnlySpan<long> OutputShape(string name) => Inner.OutputShape(name);

        public void Carry(string output, string input) => Inner.Carry(output, input);

        public void Carry(string output, IModelCall target, string input) => Inner.Carry(output, ((Call)target).Inner, input);

        public void Run(CancellationToken cancellationToken = default)
        {
            rows.Add(_rows);
            Inner.Run(cancellationToken);
        }

        public ValueTask RunAsync(CancellationToken cancellationToken = default)
        {
            rows.Add(_rows);
            return Inner.RunAsync(cancellationToken);
        }

        public void Dispose() => Inner.Dispose();
    }
}
