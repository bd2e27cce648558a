using Coffer.Bundles;
using Coffer.Inference;

namespace Coffer.Tests.Vision;

/// <summary>
/// A graph of one input and one output whose logits are sums over the picture, so that each picture has its own. Keeps what it was given.
/// </summary>
internal sealed class FakeImageRunner(string input, string output, ElementType type = ElementType.Float32) : IModelRunner
{
    private int _rented;

    /// <summary>Dimensions as text: <c>N,3,8,8</c>; letters are free.</summary>
    public ModelSignature Signature { get; init; } = new(
        "model",
        [new TensorDescription("pixel_values", type, Dimensions(input))],
        [new TensorDescription("logits", type == ElementType.Float16 ? ElementType.Float16 : ElementType.Float32, Dimensions(output))],
        new RunnerCapabilities(Synchronous: true, Carry: false),
        ExecutionTarget.Local,
        "CPU",
        new Fallback("CUDA", "no device"));

    public int Classes { get; init; } = 4;

    /// <summary>Runs inside each run.</summary>
    public Action<CancellationToken> OnRun { get; init; } = token => token.ThrowIfCancellationRequested();

    /// <summary>What the last logit is made.</summary>
    public float? Last { get; init; }

    public List<long[]> Shapes { get; } = [];

    public List<float[]> Inputs { get; } = [];

    /// <summary>Calls that were not handed back.</summary>
    public int Open => _rented;

    public ModelSignature Describe(string graph) => Signature;

    public IModelCall Rent(string graph)
    {
        Interlocked.Increment(ref _rented);
        return new Call(this);
    }

    public void Dispose()
    {
    }

    public static Dimension[] Dimensions(string text) =>
        [.. text.Split(',').Select(part => long.TryParse(part, out var size) ? new Dimension(size) : new Dimension(null, part))];

    private sealed class Call(FakeImageRunner runner) : IModelCall
    {
        private Array _input = Array.Empty<float>();
        private long[] _shape = [];
        private float[] _logits = [];
        private bool _synchronous = true;

        public Span<T> Input<T>(string name, scoped ReadOnlySpan<long> shape)
        {
            Assert.Equal(runner.Signature.Inputs[0].Name, name);
            _shape = shape.ToArray();
            var elements = new T[_shape.Aggregate(1L, (product, size) => product * size)];
            _input = elements;
            return elements;
        }

        public ReadOnlySpan<T> Output<T>(string name) =>
            (T[])(typeof(T) == typeof(Half) ? (Array)Array.ConvertAll(_logits, logit => (Half)logit) : _logits);

        public ReadOnlySpan<long> OutputShape(string name)
        {
            long[] shape = [_shape[0], runner.Classes, .. Enumerable.Repeat(1L, runner.Signature.Outputs[0].Dimensions.Count - 2)];
            return shape;
        }

        public void Carry(string output, string input) => throw new NotSupportedException();

        public void Run(CancellationToken cancellationToken = default)
        {
            Assert.Equal(runner.Signature.Capabilities.Synchronous, _synchronous);
            runner.OnRun(cancellationToken);
            var numbers = _input switch
            {
                float[] floats => floats,
                Half[] halves => Array.ConvertAll(halves, half => (float)half),
                byte[] bytes => Array.ConvertAll(bytes, value => (float)value),
                _ => throw new InvalidOperationException(),
            };
            lock (runner.Shapes)
            {
                runner.Shapes.Add(_shape);
                runner.Inputs.Add(numbers);
            }

            _logits = Logits(numbers);
        }

        public async ValueTask RunAsync(CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            _synchronous = false;
            Run(cancellationToken);
        }

        public void Dispose() => Interlocked.Decrement(ref runner._rented);

        private float[] Logits(float[] numbers)
        {
            var logits = new float[_shape[0] * runner.Classes];
            var picture = numbers.Length / (int)_shape[0];
            for (var i = 0; i < numbers.Length; i++)
            {
                logits[(i / picture * runner.Classes) + (i % runner.Classes)] += numbers[i] * 0.01f;
            }

            if (runner.Last is { } last)
            {
                logits[^1] = last;
            }

            return logits;
        }
    }
}
