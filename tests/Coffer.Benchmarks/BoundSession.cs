using Microsoft.ML.OnnxRuntime;

namespace Coffer.Benchmarks;

/// <summary>The fastest way of calling ONNX Runtime from .NET: input and output are bound once and reused.</summary>
internal sealed class BoundSession : IDisposable
{
    private readonly SessionOptions _options = new() { IntraOpNumThreads = 1 };
    private readonly RunOptions _run = new();
    private readonly InferenceSession _session;
    private readonly bool _ownsSession;
    private readonly OrtIoBinding _binding;
    private readonly OrtValue _input;
    private readonly OrtValue _output;

    public BoundSession(string onnx, long[] shape)
        : this(shape, options => new InferenceSession(onnx, options), ownsSession: true)
    {
    }

    private BoundSession(long[] shape, Func<SessionOptions, InferenceSession> open, bool ownsSession)
    {
        _session = open(_options);
        _ownsSession = ownsSession;
        var (input, output) = (_session.InputMetadata.First(), _session.OutputMetadata.First());
        _input = Allocate(shape);
        _output = Allocate([.. output.Value.Dimensions.Select(size => (long)Math.Max(size, 1))]);
        _binding = _session.CreateIoBinding();
        _binding.BindInput(input.Key, _input);
        _binding.BindOutput(output.Key, _output);
    }

    /// <summary>Tensors of their own for the same session, for another thread. To be disposed before this.</summary>
    public BoundSession Share(long[] shape) => new(shape, _ => _session, ownsSession: false);

    public void Run(ReadOnlySpan<float> values)
    {
        values.CopyTo(_input.GetTensorMutableDataAsSpan<float>());
        _session.RunWithBinding(_run, _binding);
        _ = _output.GetTensorDataAsSpan<float>()[0];
    }

    public void Dispose()
    {
        _binding.Dispose();
        _input.Dispose();
        _output.Dispose();
        if (_ownsSession)
        {
            _session.Dispose();
        }

        _run.Dispose();
        _options.Dispose();
    }

    private static OrtValue Allocate(long[] shape) => OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float, shape);
}
