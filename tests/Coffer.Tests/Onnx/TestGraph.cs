using System.Runtime.InteropServices;
using Coffer.Onnx;

namespace Coffer.Tests.Onnx;

/// <summary>Graphs and weights in memory that does not move, and is overwritten when its owner is disposed.</summary>
internal sealed class TestGraph : IDisposable
{
    private readonly List<byte[]> _blocks = [];

    public int Opened { get; private set; }

    public bool IsOpened => Opened > 0;

    public bool IsDisposed { get; private set; }

    public static OnnxModelRunner Runner(byte[] model, ExecutionOptions? options = null) =>
        new([new TestGraph().Create("model", model)], options ?? ExecutionOptions.Default);

    public OnnxGraphSource Create(string name, byte[] model, params (string Location, byte[] Bytes)[] weights) => new(name, _ =>
    {
        Opened++;
        return new OnnxGraph(
            name,
            Pin(model),
            model.Length,
            [.. weights.Select(weight => new ExternalWeights(weight.Location, Pin(weight.Bytes), weight.Bytes.Length))],
            this);
    });

    public void Dispose()
    {
        _blocks.ForEach(block => Array.Fill(block, (byte)0xCC));
        IsDisposed = true;
    }

    private nint Pin(byte[] bytes)
    {
        var block = GC.AllocateArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(block, 0);
        _blocks.Add(block);
        return Marshal.UnsafeAddrOfPinnedArrayElement(block, 0);
    }
}
