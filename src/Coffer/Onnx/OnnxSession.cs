using System.Collections.Frozen;
using Coffer.Bundles;
using Coffer.Inference;
using Microsoft.ML.OnnxRuntime;

namespace Coffer.Onnx;

/// <summary>
/// A loaded graph with its idle calls. Counts its users: the runners and every rented call. The native session and the
/// weights that it may use in place go with the last of them, so that a runner may be disposed while calls are in flight.
/// </summary>
internal sealed class OnnxSession : IShared
{
    /// <summary>More idle calls than this are freed: their buffers would only fill memory.</summary>
    private static readonly int MaxIdleCalls = Math.Max(4, Environment.ProcessorCount);

    private readonly Lock _gate = new();
    private readonly Stack<OnnxModelCall> _idle = new();
    private readonly FrozenDictionary<string, OnnxTensorSlot> _inputs;
    private readonly FrozenDictionary<string, OnnxTensorSlot> _outputs;
    private readonly IDisposable? _owner;
    private int _users = 1;
    private int _runners = 1;

    public OnnxSession(OnnxGraph graph, nint handle, ExecutionProvider provider, Fallback? fallback, bool keepsWeights)
    {
        Handle = handle;
        KnownShapes = graph.Shapes;
        Allocator = OrtNative.DefaultAllocator();
        CopiesInputs = provider != ExecutionProvider.Cpu;
        Inputs = [.. Enumerable.Range(0, OrtSession.InputCount(handle)).Select(i => new OnnxTensorSlot(OrtSession.Input(handle, i, Allocator), i))];
        Outputs = [.. Enumerable.Range(0, OrtSession.OutputCount(handle)).Select(i => new OnnxTensorSlot(OrtSession.Output(handle, i, Allocator), i))];
        Device = OnnxDevice.Of(handle, Outputs, provider);
        _inputs = Inputs.ToFrozenDictionary(slot => slot.Description.Name, StringComparer.Ordinal);
        _outputs = Outputs.ToFrozenDictionary(slot => slot.Description.Name, StringComparer.Ordinal);
        Signature = new ModelSignature(
            graph.Name,
            [.. Inputs.Select(slot => slot.Description)],
            [.. Outputs.Select(slot => slot.Description)],
            new RunnerCapabilities(Synchronous: true, Carry: true),
            ExecutionTarget.Local,
            provider.Name,
            fallback);

        if (keepsWeights)
        {
            _owner = graph.Owner;
        }
        else
        {
            // ONNX Runtime has parsed the graph and copied the weights: what was decrypted is zeroed now rather than at the end.
            graph.Owner.Dispose();
        }
    }

    public nint Handle { get; }

    public ModelSignature Signature { get; }

    /// <summary>By input name, a shape that the graph is known to take.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<long>> KnownShapes { get; }

    public OnnxTensorSlot[] Inputs { get; }

    public OnnxTensorSlot[] Outputs { get; }

    public nint Allocator { get; }

    /// <summary>Where outputs lie until they are read.</summary>
    public OnnxDevice Device { get; }

    /// <summary>Where inputs are written: the processor's memory, whatever the session runs on.</summary>
    public nint MemoryInfo { get; } = OrtMemoryInfo.DefaultInstance.DangerousGetHandle();

    /// <summary>Binding an input to a session on another device copies it there and then, so it is bound anew for each run.</summary>
    public bool CopiesInputs { get; }

    public OnnxTensorSlot FindInput(string name) => _inputs.GetValueOrDefault(name) ?? throw Unknown("input", name, Inputs);

    public OnnxTensorSlot FindOutput(string name) => _outputs.GetValueOrDefault(name) ?? throw Unknown("output", name, Outputs);

    public bool IsGone
    {
        get
        {
            lock (_gate)
            {
                return _runners == 0;
            }
        }
    }

    /// <summary>One more runner, unless the last one closed the session.</summary>
    public bool TryJoin()
    {
        lock (_gate)
        {
            if (_runners == 0)
            {
                return false;
            }

            _runners++;
            _users++;
            return true;
        }
    }

    public OnnxModelCall Rent()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_runners == 0, typeof(OnnxModelRunner));
            _users++;
            if (_idle.TryPop(out var idle))
            {
                idle.Reopen();
                return idle;
            }
        }

        try
        {
            return new OnnxModelCall(this);
        }
        catch
        {
            Leave();
            throw;
        }
    }

    /// <summary>Another graph's call holds a tensor of this session: the session stays until <see cref="Leave"/>.</summary>
    public void Join()
    {
        lock (_gate)
        {
            _users++;
        }
    }

    public void Return(OnnxModelCall call)
    {
        lock (_gate)
        {
            // While a runner lives it is a user too, so this is never the last.
            if (_runners > 0 && _idle.Count < MaxIdleCalls)
            {
                _idle.Push(call);
                _users--;
                return;
            }
        }

        call.Free();
        Leave();
    }

    /// <summary>One runner needs the session no more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _runners--;
        }

        Leave();
    }

    /// <summary>A user is gone; with the last one goes the session.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            if (--_users > 0)
            {
                return;
            }
        }

        while (_idle.TryPop(out var call))
        {
            call.Free();
        }

        using (Device.Enter())
        {
            OrtSession.Release(Handle);
        }

        foreach (var slot in Inputs.Concat(Outputs))
        {
            slot.Dispose();
        }

        _owner?.Dispose();
    }

    private InferenceException Unknown(string kind, string name, IReadOnlyList<OnnxTensorSlot> known) => new(
        InferenceError.UnknownTensor,
        $"Graph '{Signature.Graph}' has no {kind} '{name}'. It has {string.Join(", ", known.Select(slot => $"'{slot.Description.Name}'"))}.");
}
