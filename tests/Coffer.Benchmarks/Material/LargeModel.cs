using System.Runtime.InteropServices;
using Coffer.Tests.Onnx;

namespace Coffer.Benchmarks;

/// <summary>
/// A model of matrix products, as large as wanted, as an exporter would write it: with the weights inline, and with the
/// weights in a file beside it.
/// </summary>
/// <param name="edge">Rows and columns of each matrix.</param>
/// <param name="layers">How many matrices: the model has 4 · edge² bytes for each.</param>
internal sealed class LargeModel(int edge, int layers)
{
    private const int Seed = 20;

    /// <summary>Of the weights, in bytes.</summary>
    public long Length { get; } = (long)layers * edge * edge * sizeof(float);

    /// <summary>Whether one protobuf can hold it (2 GiB at most).</summary>
    public bool FitsInline => Length < int.MaxValue - (1 << 20);

    /// <summary>As near to a size as whole matrices come.</summary>
    /// <param name="mebibytes">At least 1.</param>
    public static LargeModel OfSize(int mebibytes)
    {
        var edge = mebibytes switch { >= 1024 => 8192, >= 64 => 4096, _ => 512 };
        return new LargeModel(edge, Math.Max(1, (int)Math.Round((double)mebibytes * (1 << 20) / ((long)edge * edge * sizeof(float)))));
    }

    public void WriteInline(string path)
    {
        var heads = Names.Select(Head).ToArray();
        var weightsLength = Length / layers;
        var graph = Graph([]).ToArray();
        var tensors = heads.Select(head => head.Length + Prefix(9, weightsLength).Length + weightsLength).ToArray();
        var graphLength = graph.Length + tensors.Sum(length => Prefix(5, length).Length + length);

        using var file = File.Create(path);
        file.Write(Model());
        file.Write(Prefix(7, graphLength));
        file.Write(graph);
        for (var i = 0; i < layers; i++)
        {
            file.Write(Prefix(5, tensors[i]));
            file.Write(heads[i]);
            file.Write(Prefix(9, weightsLength));
            WriteWeights(file, i);
        }

        file.Flush(flushToDisk: true);
    }

    public void WriteExternal(string path, string weights)
    {
        var length = Length / layers;
        var tensors = Names.Select((name, i) => TinyModel.ExternalInitializer(name, TinyModel.FloatType, Path.GetFileName(weights), i * length, length, edge, edge));
        File.WriteAllBytes(path, [.. Model(), .. new ProtoWriter().Message(7, Graph(tensors)).ToArray()]);
        using var file = File.Create(weights);
        for (var i = 0; i < layers; i++)
        {
            WriteWeights(file, i);
        }

        file.Flush(flushToDisk: true);
    }

    private IEnumerable<string> Names => Enumerable.Range(0, layers).Select(i => $"w{i}");

    private static byte[] Model() => new ProtoWriter().Int(1, 8).Message(8, new ProtoWriter().Text(1, "").Int(2, 17)).ToArray();

    private ProtoWriter Graph(IEnumerable<ProtoWriter> initializers) => TinyModel.Graph(
        Enumerable.Range(0, layers).Select(i => TinyModel.Node("MatMul", $"x{i} w{i}", $"x{i + 1}")),
        [TinyModel.Value("x0", TinyModel.FloatType, "batch", edge)],
        [TinyModel.Value($"x{layers}", TinyModel.FloatType, "batch", edge)],
        initializers);

    private byte[] Head(string name) => new ProtoWriter().Int(1, edge).Int(1, edge).Int(2, TinyModel.FloatType).Text(8, name).ToArray();

    // The same in both files; noise, because zeros would compress in places where weights don't.
    private void WriteWeights(FileStream file, int layer)
    {
        var random = new Random(Seed + layer);
        var row = new float[edge];
        for (var i = 0; i < edge; i++)
        {
            foreach (ref var weight in row.AsSpan())
            {
                weight = (random.NextSingle() - 0.5f) / edge;
            }

            file.Write(MemoryMarshal.AsBytes(row.AsSpan()));
        }
    }

    /// <summary>Tag and length of an embedded message or of bytes.</summary>
    private static byte[] Prefix(int field, long length)
    {
        List<byte> bytes = [(byte)((field << 3) | 2)];
        for (; length >= 0x80; length >>= 7)
        {
            bytes.Add((byte)(length | 0x80));
        }

        return [.. bytes, (byte)length];
    }
}
