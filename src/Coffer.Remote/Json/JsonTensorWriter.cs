using System.Text.Json;
using Coffer.Inference;

namespace Coffer.Remote;

/// <summary>Writes a tensor's elements as JSON: flat, nested by its shape, or one row of it.</summary>
internal static class JsonTensorWriter
{
    /// <summary>All elements in one array.</summary>
    public static void WriteFlat(Utf8JsonWriter writer, RemoteTensor tensor) => Dispatch(tensor, new Flat(writer));

    /// <summary>Arrays in arrays; a scalar is a bare element.</summary>
    /// <param name="writer">Gets the text.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="row">An index of the first dimension, to write only what is below it; null for the whole.</param>
    /// <param name="encode">Writes texts as <c>{"b64": …}</c>.</param>
    public static void WriteNested(Utf8JsonWriter writer, RemoteTensor tensor, int? row, bool encode) => Dispatch(tensor, new Nested(writer, tensor.Shape, row, encode));

    private static void Dispatch<TAction>(RemoteTensor tensor, TAction action)
        where TAction : struct, IElementsAction
    {
        switch (tensor.Type)
        {
            case ElementType.Float32: action.Invoke(tensor.As<float>()); break;
            case ElementType.Float64: action.Invoke(tensor.As<double>()); break;
            case ElementType.Float16: action.Invoke(tensor.As<Half>()); break;
            case ElementType.BFloat16: action.Invoke(tensor.As<BFloat16>()); break;
            case ElementType.Int8: action.Invoke(tensor.As<sbyte>()); break;
            case ElementType.Int16: action.Invoke(tensor.As<short>()); break;
            case ElementType.Int32: action.Invoke(tensor.As<int>()); break;
            case ElementType.Int64: action.Invoke(tensor.As<long>()); break;
            case ElementType.UInt8: action.Invoke(tensor.As<byte>()); break;
            case ElementType.UInt16: action.Invoke(tensor.As<ushort>()); break;
            case ElementType.UInt32: action.Invoke(tensor.As<uint>()); break;
            case ElementType.UInt64: action.Invoke(tensor.As<ulong>()); break;
            case ElementType.Bool: action.Invoke(tensor.As<bool>()); break;
            default: action.Invoke(tensor.Strings); break;
        }
    }

    private interface IElementsAction
    {
        void Invoke<T>(ReadOnlySpan<T> elements);
    }

    private readonly struct Flat(Utf8JsonWriter writer) : IElementsAction
    {
        public void Invoke<T>(ReadOnlySpan<T> elements)
        {
            writer.WriteStartArray();
            foreach (var element in elements)
            {
                JsonElements.Write(writer, element);
            }

            writer.WriteEndArray();
        }
    }

    private readonly struct Nested(Utf8JsonWriter writer, long[] shape, int? row, bool encode) : IElementsAction
    {
        public void Invoke<T>(ReadOnlySpan<T> elements)
        {
            var dimension = 0;
            if (row is { } index)
            {
                var length = (int)TensorChecks.Count(shape.AsSpan(1));
                elements = elements.Slice(index * length, length);
                dimension = 1;
            }

            Write(elements, dimension);
        }

        private void Write<T>(ReadOnlySpan<T> elements, int dimension)
        {
            if (dimension == shape.Length)
            {
                WriteElement(elements[0]);
                return;
            }

            writer.WriteStartArray();
            var count = (int)shape[dimension];
            var length = count == 0 ? 0 : elements.Length / count;
            for (var i = 0; i < count; i++)
            {
                Write(elements.Slice(i * length, length), dimension + 1);
            }

            writer.WriteEndArray();
        }

        private void WriteElement<T>(T element)
        {
            if (encode && element is string text)
            {
                writer.WriteStartObject();
                writer.WriteBase64String("b64"u8, System.Text.Encoding.UTF8.GetBytes(text));
                writer.WriteEndObject();
            }
            else
            {
                JsonElements.Write(writer, element);
            }
        }
    }
}
