using Microsoft.ML.OnnxRuntime;

namespace Coffer.Onnx;

/// <summary>
/// The device of a session: where its outputs stay until somebody reads them, and whose turn it is to use it. What is
/// computed on a GPU is carried to the next run, or to another graph on the same GPU, without passing through the processor's memory.
/// </summary>
internal sealed class OnnxDevice
{
    // WebGPU records the commands of every session in a process into one encoder, which ONNX Runtime doesn't guard: runs,
    // copies and the freeing of buffers take turns. The GPU executes one after the other anyhow.
    private static readonly Lock WebGpu = new();

    private readonly Lock? _gate;
    private readonly OrtEnv _environment;
    private readonly nint[] _outputs;

    private OnnxDevice(OrtEnv environment, Lock? gate, nint[] outputs)
    {
        _environment = environment;
        _gate = gate;
        _outputs = outputs;
    }

    /// <summary>Held while a provider does something that it can't do on two threads at once.</summary>
    public static Turn Enter(ExecutionProvider provider) => new(GateOf(provider));

    /// <summary>Finds out where a session's outputs lie. Where ONNX Runtime has no way to copy them back on demand, they are
    /// copied at the end of each run, as if there were no device.</summary>
    public static OnnxDevice Of(nint session, OnnxTensorSlot[] outputs, ExecutionProvider provider)
    {
        var environment = OrtEnvironment.Get();
        var host = OrtMemoryInfo.DefaultInstance.DangerousGetHandle();
        var places = new nint[outputs.Length];
        Array.Fill(places, host);
        if (provider == ExecutionProvider.Cpu)
        {
            return new OnnxDevice(environment, gate: null, places);
        }

        var found = OrtMemory.OfOutputs(session, outputs.Length);
        var readable = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (var slot in outputs)
        {
            var place = found[slot.Index];
            if (place == 0 || OrtMemory.IsHost(place) || slot.Type is OrtElementType.Undefined or OrtElementType.String)
            {
                continue;
            }

            var name = OrtMemory.Name(place);
            if (!readable.TryGetValue(name, out var isReadable))
            {
                readable[name] = isReadable = CanRead(environment, session, place);
            }

            places[slot.Index] = isReadable ? place : host;
        }

        return new OnnxDevice(environment, GateOf(provider), places);
    }

    /// <summary>Held while the session's device is used.</summary>
    public Turn Enter() => new(_gate);

    /// <summary>The OrtMemoryInfo that an output is bound to.</summary>
    public nint OutputPlace(OnnxTensorSlot slot) => _outputs[slot.Index];

    /// <summary>Copies a tensor from the device into the processor's memory.</summary>
    public void Read(nint source, nint target) => OrtMemory.Copy(_environment, source, target);

    private static Lock? GateOf(ExecutionProvider provider) => string.Equals(provider.Name, ExecutionProvider.WebGpu.Name, StringComparison.OrdinalIgnoreCase) ? WebGpu : null;

    // Whether a device's tensors can be copied outside of a run depends on how its provider came into the process: built in and
    // plug-in providers bring the means with them, the older shared libraries (CUDA, TensorRT) only inside of their sessions.
    private static unsafe bool CanRead(OrtEnv environment, nint session, nint place)
    {
        nint allocator = 0, there = 0, here = 0;
        try
        {
            allocator = OrtMemory.CreateAllocator(session, place);
            there = OrtTensor.Create(allocator, [1], OrtElementType.Float);
            here = OrtTensor.Create(OrtNative.DefaultAllocator(), [1], OrtElementType.Float);
            *(float*)OrtTensor.Data(here) = 1;
            OrtMemory.Copy(environment, here, there);
            *(float*)OrtTensor.Data(here) = 0;
            OrtMemory.Copy(environment, there, here);
            return *(float*)OrtTensor.Data(here) == 1;
        }
        catch (OrtException)
        {
            return false;
        }
        finally
        {
            OrtTensor.Release(here);
            OrtTensor.Release(there);
            if (allocator != 0)
            {
                OrtMemory.ReleaseAllocator(allocator);
            }
        }
    }

    /// <summary>A lock that may be absent; a thread may take it twice.</summary>
    internal readonly ref struct Turn
    {
        private readonly Lock? _gate;

        public Turn(Lock? gate)
        {
            gate?.Enter();
            _gate = gate;
        }

        public void Dispose() => _gate?.Exit();
    }
}
