using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Coffer.Benchmarks;

/// <summary>Greedy decoding as one writes it by hand over ONNX Runtime: each step's cache is bound as the next one's input, nothing is copied.</summary>
internal sealed class RawGeneration : IDisposable
{
    public const string Name = "ONNX Runtime, `RunWithBinding`";

    private readonly SessionOptions _options = new() { IntraOpNumThreads = 1 };
    private readonly RunOptions _run = new();
    private readonly InferenceSession _session;
    private readonly string[] _past;
    private readonly long[] _shape;

    public RawGeneration(string onnx)
    {
        _session = new InferenceSession(onnx, _options);
        _past = [.. _session.InputMetadata.Keys.Where(name => name.StartsWith("past_key_values.", StringComparison.Ordinal))];
        int[] dimensions = _session.InputMetadata[_past[0]].Dimensions;
        _shape = [1, dimensions[1], 0, dimensions[3]];
    }

    public int[] Generate(ReadOnlySpan<int> prompt, int count)
    {
        using var binding = _session.CreateIoBinding();
        var generated = new int[count];
        IDisposableReadOnlyCollection<OrtValue>? outputs = null;
        try
        {
            var past = 0;
            for (var step = 0; step < count; step++)
            {
                var tokens = step == 0 ? prompt : generated.AsSpan(step - 1, 1);
                var next = Run(binding, tokens, past, outputs);
                outputs?.Dispose();
                outputs = next;
                past += tokens.Length;
                var logits = outputs[0].GetTensorDataAsSpan<float>();
                var vocabulary = logits.Length / tokens.Length;
                generated[step] = TensorPrimitives.IndexOfMax(logits[^vocabulary..]);
            }
        }
        finally
        {
            outputs?.Dispose();
        }

        return generated;
    }

    public void Dispose()
    {
        _session.Dispose();
        _run.Dispose();
        _options.Dispose();
    }

    private IDisposableReadOnlyCollection<OrtValue> Run(OrtIoBinding binding, ReadOnlySpan<int> tokens, int past, IDisposableReadOnlyCollection<OrtValue>? outputs)
    {
        using var ids = Allocate(tokens.Length);
        using var mask = Allocate(past + tokens.Length);
        using var positions = Allocate(tokens.Length);
        TensorPrimitives.ConvertChecked(tokens, ids.GetTensorMutableDataAsSpan<long>());
        mask.GetTensorMutableDataAsSpan<long>().Fill(1);
        var places = positions.GetTensorMutableDataAsSpan<long>();
        for (var i = 0; i < places.Length; i++)
        {
            places[i] = past + i;
        }

        binding.BindInput("input_ids", ids);
        binding.BindInput("attention_mask", mask);
        if (_session.InputMetadata.ContainsKey("position_ids"))
        {
            binding.BindInput("position_ids", positions);
        }

        var empty = outputs is null ? OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float, _shape) : null;
        for (var i = 0; i < _past.Length; i++)
        {
            binding.BindInput(_past[i], empty ?? outputs![i + 1]);
        }

        binding.BindOutputToDevice("logits", OrtMemoryInfo.DefaultInstance);
        foreach (var name in _past)
        {
            binding.BindOutputToDevice(name.Replace("past_key_values", "present", StringComparison.Ordinal), OrtMemoryInfo.DefaultInstance);
        }

        _session.RunWithBinding(_run, binding);
        empty?.Dispose();
        return binding.GetOutputValues();
    }

    private static OrtValue Allocate(long length) => OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Int64, [1, length]);
}
