using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Coffer.Inference;

namespace Coffer.Remote;

/// <summary>Collects an output's elements from JSON and finds its shape, or checks the one that the reply states.</summary>
internal abstract class JsonTensorBuilder
{
    /// <summary>Sizes by depth; -1 where no array of that depth has ended yet.</summary>
    private readonly List<long> _shape = [];
    private int _rank = -1;

    private JsonTensorBuilder(RemoteTensor output) => Output = output;

    protected RemoteTensor Output { get; }

    public static JsonTensorBuilder Create(RemoteTensor output) => output.Type switch
    {
        ElementType.Float32 => new Of<float>(output),
        ElementType.Float64 => new Of<double>(output),
        ElementType.Float16 => new Of<Half>(output),
        ElementType.BFloat16 => new Of<BFloat16>(output),
        ElementType.Int8 => new Of<sbyte>(output),
        ElementType.Int16 => new Of<short>(output),
        ElementType.Int32 => new Of<int>(output),
        ElementType.Int64 => new Of<long>(output),
        ElementType.UInt8 => new Of<byte>(output),
        ElementType.UInt16 => new Of<ushort>(output),
        ElementType.UInt32 => new Of<uint>(output),
        ElementType.UInt64 => new Of<ulong>(output),
        ElementType.Bool => new Of<bool>(output),
        ElementType.String => new OfStrings(output),
        _ => throw new InferenceException(InferenceError.NotCapable, $"Output '{output.Name}' has an element type that Coffer gives no access to."),
    };

    /// <summary>Takes the value under the reader, and leaves the reader at its last token.</summary>
    /// <param name="reader">At the value's first token.</param>
    /// <param name="depth">1 where the value is one row of the tensor, otherwise 0.</param>
    /// <exception cref="InvalidDataException">Its arrays are of different lengths.</exception>
    public void Add(ref Utf8JsonReader reader, int depth = 0)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            RequireRank(depth);
            AddElement(ref reader);
            return;
        }

        while (_shape.Count <= depth)
        {
            _shape.Add(-1);
        }

        var count = 0L;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Add(ref reader, depth + 1);
            count++;
        }

        if (_shape[depth] >= 0 && _shape[depth] != count)
        {
            throw new InvalidDataException($"{Output.Label} has rows of {_shape[depth]} and of {count} elements");
        }

        _shape[depth] = count;
    }

    /// <summary>Gives the output its elements under the shape that was found.</summary>
    /// <param name="rows">How many rows were added one by one; null if the tensor was added as a whole.</param>
    public void Finish(long? rows = null)
    {
        if (rows is { } count)
        {
            while (_shape.Count < 1)
            {
                _shape.Add(-1);
            }

            _shape[0] = count;
        }

        // Below an array without elements there is nothing to see: the signature says what would be there.
        var declared = Output.Description;
        if (_rank < 0 && !declared.AnyRank)
        {
            foreach (var dimension in declared.Dimensions.Skip(_shape.Count))
            {
                _shape.Add(dimension.Size ?? 0);
            }
        }

        Finish(CollectionsMarshal.AsSpan(_shape));
    }

    /// <summary>Gives the output its elements under the reply's own shape.</summary>
    /// <exception cref="InvalidDataException">It has another number of elements.</exception>
    public void Finish(ReadOnlySpan<long> shape)
    {
        // Before the shape's memory is allocated.
        if (shape.ContainsAnyInRange(long.MinValue, -1) || TensorChecks.Count(shape) != Count)
        {
            throw new InvalidDataException($"{Output.Label} of shape [{string.Join(", ", shape.ToArray())}] has {Count} elements");
        }

        Store(shape);
    }

    protected abstract long Count { get; }

    protected abstract void AddElement(ref Utf8JsonReader reader);

    protected abstract void Store(ReadOnlySpan<long> shape);

    private void RequireRank(int depth)
    {
        if (_rank >= 0 && _rank != depth)
        {
            throw new InvalidDataException($"{Output.Label} has elements at different depths");
        }

        _rank = depth;
    }

    private sealed class Of<T>(RemoteTensor output) : JsonTensorBuilder(output)
        where T : unmanaged
    {
        private readonly ArrayBufferWriter<T> _elements = new();

        protected override long Count => _elements.WrittenCount;

        protected override void AddElement(ref Utf8JsonReader reader)
        {
            try
            {
                _elements.GetSpan(1)[0] = JsonElements.Read<T>(ref reader);
                _elements.Advance(1);
            }
            catch (InvalidOperationException e)
            {
                throw new InvalidDataException($"{Output.Label} has a {reader.TokenType} where a {Output.Type} belongs", e);
            }
        }

        protected override void Store(ReadOnlySpan<long> shape) => MemoryMarshal.AsBytes(_elements.WrittenSpan).CopyTo(Output.Reserve(shape).Span);
    }

    private sealed class OfStrings(RemoteTensor output) : JsonTensorBuilder(output)
    {
        private readonly List<string> _elements = [];

        protected override long Count => _elements.Count;

        protected override void AddElement(ref Utf8JsonReader reader)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                _elements.Add(ReadEncoded(ref reader));
                return;
            }

            _elements.Add(reader.TokenType == JsonTokenType.String
                ? reader.GetString()!
                : throw new InvalidDataException($"{Output.Label} has a {reader.TokenType} where a text belongs"));
        }

        protected override void Store(ReadOnlySpan<long> shape) => CollectionsMarshal.AsSpan(_elements).CopyTo(Output.ReserveStrings(shape));

        /// <summary>TensorFlow Serving's <c>{"b64": "…"}</c>.</summary>
        private string ReadEncoded(ref Utf8JsonReader reader)
        {
            if (reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("b64"u8)
                && reader.Read() && reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out var bytes)
                && reader.Read() && reader.TokenType == JsonTokenType.EndObject)
            {
                return TextBytes.Decode(bytes, Output.Label);
            }

            throw new InvalidDataException($"{Output.Label} has an object that is not {{\"b64\": \"…\"}}");
        }
    }
}
