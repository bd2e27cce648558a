using System.Globalization;
using System.Runtime.InteropServices;

namespace Coffer.Tests.Onnx;

/// <summary>Builds ONNX models of a few nodes as bytes. Field numbers are those of onnx.proto3.</summary>
internal static class TinyModel
{
    public const int FloatType = 1;
    public const int Int32Type = 6;
    public const int Int64Type = 7;
    public const int StringType = 8;
    public const int BoolType = 9;

    public static byte[] Create(IEnumerable<ProtoWriter> nodes, IEnumerable<ProtoWriter> inputs, IEnumerable<ProtoWriter> outputs, params IEnumerable<ProtoWriter> initializers) =>
        new ProtoWriter()
            .Int(1, 8)
            .Message(7, Graph(nodes, inputs, outputs, initializers))
            .Message(8, new ProtoWriter().Text(1, "").Int(2, 17))
            .ToArray();

    public static ProtoWriter Graph(IEnumerable<ProtoWriter> nodes, IEnumerable<ProtoWriter> inputs, IEnumerable<ProtoWriter> outputs, params IEnumerable<ProtoWriter> initializers) =>
        new ProtoWriter().Messages(1, nodes).Text(2, "tiny").Messages(5, initializers).Messages(11, inputs).Messages(12, outputs);

    /// <summary>A node; inputs and outputs are separated by spaces.</summary>
    public static ProtoWriter Node(string type, string inputs, string outputs, params IEnumerable<ProtoWriter> attributes)
    {
        var node = new ProtoWriter();
        foreach (var input in inputs.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            node.Text(1, input);
        }

        foreach (var output in outputs.Split(' '))
        {
            node.Text(2, output);
        }

        return node.Text(4, type).Messages(5, attributes);
    }

    public static ProtoWriter Attribute(string name, long value) => new ProtoWriter().Text(1, name).Int(3, value).Int(20, 2);

    public static ProtoWriter Attribute(string name, ProtoWriter graph) => new ProtoWriter().Text(1, name).Message(6, graph).Int(20, 5);

    /// <summary>An input or output; a dimension is a number or a symbol.</summary>
    public static ProtoWriter Value(string name, int type, params IEnumerable<object> dimensions)
    {
        var shape = new ProtoWriter().Messages(1, dimensions.Select(dimension => dimension is int size
            ? new ProtoWriter().Int(1, size)
            : new ProtoWriter().Text(2, (string)dimension)));
        return ValueOf(name, new ProtoWriter().Int(1, type).Message(2, shape));
    }

    public static ProtoWriter ValueOfAnyRank(string name, int type) => ValueOf(name, new ProtoWriter().Int(1, type));

    public static ProtoWriter SequenceValue(string name, int type) =>
        new ProtoWriter().Text(1, name).Message(2, new ProtoWriter().Message(4, new ProtoWriter().Message(1, new ProtoWriter().Message(1, new ProtoWriter().Int(1, type)))));

    public static ProtoWriter Initializer<T>(string name, int type, T[] values, params long[] shape)
        where T : unmanaged =>
        TensorHead(name, type, shape).Bytes(9, MemoryMarshal.AsBytes(values.AsSpan()));

    public static ProtoWriter ExternalInitializer(string name, int type, string location, long offset, long length, params long[] shape) =>
        TensorHead(name, type, shape)
            .Message(13, Entry("location", location))
            .Message(13, Entry("offset", offset.ToString(CultureInfo.InvariantCulture)))
            .Message(13, Entry("length", length.ToString(CultureInfo.InvariantCulture)))
            .Int(14, 1);

    /// <summary>y = x, for any type and shape.</summary>
    public static byte[] Identity(int type, params object[] dimensions) =>
        Create([Node("Identity", "x", "y")], [Value("x", type, dimensions)], [Value("y", type, dimensions)]);

    private static ProtoWriter ValueOf(string name, ProtoWriter tensorType) =>
        new ProtoWriter().Text(1, name).Message(2, new ProtoWriter().Message(1, tensorType));

    private static ProtoWriter TensorHead(string name, int type, long[] shape)
    {
        var tensor = new ProtoWriter();
        foreach (var size in shape)
        {
            tensor.Int(1, size);
        }

        return tensor.Int(2, type).Text(8, name);
    }

    private static ProtoWriter Entry(string key, string value) => new ProtoWriter().Text(1, key).Text(2, value);
}
