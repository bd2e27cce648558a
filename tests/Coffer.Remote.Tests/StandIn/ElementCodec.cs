using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Coffer.Inference;
using Coffer.Tensors;

namespace Coffer.Remote.Tests.StandIn;

/// <summary>How the stand-ins read and write the elements of one type: written from the protocols' texts, with nothing of the runners'.</summary>
internal abstract class ElementCodec
{
    private static readonly Dictionary<ElementType, ElementCodec> Codecs = new()
    {
        [ElementType.Float32] = new Number<float>("FP32", "DT_FLOAT", json => (float)Float(json), value => Print(value, value.ToString("R", CultureInfo.InvariantCulture))),
        [ElementType.Float64] = new Number<double>("FP64", "DT_DOUBLE", Float, value => Print(value, value.ToString("R", CultureInfo.InvariantCulture))),
        [ElementType.Float16] = new Number<Half>("FP16", "DT_HALF", json => (Half)Float(json), value => Print((double)value, ((float)value).ToString("R", CultureInfo.InvariantCulture))),
        [ElementType.BFloat16] = new Number<BFloat16>("BF16", "DT_BFLOAT16", json => (BFloat16)(float)Float(json), value => Print((float)value, ((float)value).ToString("R", CultureInfo.InvariantCulture))),
        [ElementType.Int8] = Integer<sbyte>("INT8", "DT_INT8"),
        [ElementType.Int16] = Integer<short>("INT16", "DT_INT16"),
        [ElementType.Int32] = Integer<int>("INT32", "DT_INT32"),
        [ElementType.Int64] = Integer<long>("INT64", "DT_INT64"),
        [ElementType.UInt8] = Integer<byte>("UINT8", "DT_UINT8"),
        [ElementType.UInt16] = Integer<ushort>("UINT16", "DT_UINT16"),
        [ElementType.UInt32] = Integer<uint>("UINT32", "DT_UINT32"),
        [ElementType.UInt64] = Integer<ulong>("UINT64", "DT_UINT64"),
        [ElementType.Bool] = new Number<bool>("BOOL", "DT_BOOL", json => json.GetBoolean(), value => value ? "true" : "false"),
        [ElementType.String] = new Text(),
    };

    private ElementCodec(string openName, string tensorFlowName)
    {
        OpenName = openName;
        TensorFlowName = tensorFlowName;
    }

    public string OpenName { get; }

    public string TensorFlowName { get; }

    public static ElementCodec Of(ElementType type) => Codecs[type];

    public static IEnumerable<ElementType> Types => Codecs.Keys;

    public abstract Tensor FromRaw(ReadOnlySpan<byte> bytes, ReadOnlySpan<long> shape);

    public abstract byte[] ToRaw(Tensor tensor);

    public abstract Tensor FromJson(IReadOnlyList<JsonElement> elements, ReadOnlySpan<long> shape);

    public abstract IReadOnlyList<string> ToJson(Tensor tensor);

    private static Number<T> Integer<T>(string openName, string tensorFlowName)
        where T : unmanaged, INumber<T> =>
        new(openName, tensorFlowName, json => T.Parse(json.GetRawText(), CultureInfo.InvariantCulture), value => value.ToString(null, CultureInfo.InvariantCulture));

    private static double Float(JsonElement json) => json.ValueKind == JsonValueKind.Number ? json.GetDouble() : json.GetString() switch
    {
        "NaN" => double.NaN,
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        _ => throw new FormatException(),
    };

    private static string Print(double value, string finite) =>
        double.IsNaN(value) ? "NaN" : double.IsPositiveInfinity(value) ? "Infinity" : double.IsNegativeInfinity(value) ? "-Infinity" : finite;

    private sealed class Number<T>(string openName, string tensorFlowName, Func<JsonElement, T> parse, Func<T, string> print) : ElementCodec(openName, tensorFlowName)
        where T : unmanaged
    {
        public override Tensor FromRaw(ReadOnlySpan<byte> bytes, ReadOnlySpan<long> shape) => Tensor.Create(MemoryMarshal.Cast<byte, T>(bytes).ToArray(), shape);

        public override byte[] ToRaw(Tensor tensor) => MemoryMarshal.AsBytes(tensor.AsSpan<T>()).ToArray();

        public override Tensor FromJson(IReadOnlyList<JsonElement> elements, ReadOnlySpan<long> shape) => Tensor.Create(elements.Select(parse).ToArray(), shape);

        public override IReadOnlyList<string> ToJson(Tensor tensor) => [.. tensor.AsSpan<T>().ToArray().Select(print)];
    }

    private sealed class Text() : ElementCodec("BYTES", "DT_STRING")
    {
        public override Tensor FromRaw(ReadOnlySpan<byte> bytes, ReadOnlySpan<long> shape)
        {
            var texts = new List<string>();
            while (!bytes.IsEmpty)
            {
                var length = BitConverter.ToInt32(bytes);
                texts.Add(System.Text.Encoding.UTF8.GetString(bytes.Slice(4, length)));
                bytes = bytes[(4 + length)..];
            }

            return Tensor.Create(texts.ToArray(), shape);
        }

        public override byte[] ToRaw(Tensor tensor)
        {
            var bytes = new List<byte>();
            foreach (var text in tensor.AsSpan<string>())
            {
                var utf8 = System.Text.Encoding.UTF8.GetBytes(text);
                bytes.AddRange(BitConverter.GetBytes(utf8.Length));
                bytes.AddRange(utf8);
            }

            return [.. bytes];
        }

        public override Tensor FromJson(IReadOnlyList<JsonElement> elements, ReadOnlySpan<long> shape) =>
            Tensor.Create(elements.Select(element => element.ValueKind == JsonValueKind.Object ? System.Text.Encoding.UTF8.GetString(element.GetProperty("b64").GetBytesFromBase64()) : element.GetString()!).ToArray(), shape);

        public override IReadOnlyList<string> ToJson(Tensor tensor) => [.. tensor.AsSpan<string>().ToArray().Select(text => JsonSerializer.Serialize(text))];
    }
}
