using System.Runtime.InteropServices;
using Coffer.Inference;
using Coffer.Remote.OpenInference;
using Google.Protobuf.Collections;

namespace Coffer.Remote;

/// <summary>The contents of an output in a reply, or of an input in a request: raw bytes, or a list of the type.</summary>
internal static class OpenInferenceContents
{
    /// <exception cref="InvalidDataException">The bytes don't make a tensor of that shape.</exception>
    public static void ReadRaw(RemoteTensor output, ReadOnlySpan<long> shape, ReadOnlyMemory<byte> content)
    {
        if (output.Type != ElementType.String)
        {
            output.Take(shape, content);
            return;
        }

        // Each text takes four bytes or more: a shape beyond that is refused before it is allocated.
        if (shape.ContainsAnyInRange(long.MinValue, -1) || TensorChecks.Count(shape) > content.Length / sizeof(uint))
        {
            throw new InvalidDataException($"{output.Label} of shape [{string.Join(", ", shape.ToArray())}] has {content.Length} bytes");
        }

        TextBytes.ReadRaw(content.Span, output.ReserveStrings(shape), output.Label);
    }

    /// <exception cref="InvalidDataException">There are more or fewer elements, one is out of its type's range, or the type has no list.</exception>
    public static void Read(RemoteTensor output, ReadOnlySpan<long> shape, InferTensorContents contents)
    {
        switch (output.Type)
        {
            case ElementType.Float32: Copy(output, shape, contents.Fp32Contents, value => value); break;
            case ElementType.Float64: Copy(output, shape, contents.Fp64Contents, value => value); break;
            case ElementType.Int8: Copy(output, shape, contents.IntContents, value => checked((sbyte)value)); break;
            case ElementType.Int16: Copy(output, shape, contents.IntContents, value => checked((short)value)); break;
            case ElementType.Int32: Copy(output, shape, contents.IntContents, value => value); break;
            case ElementType.Int64: Copy(output, shape, contents.Int64Contents, value => value); break;
            case ElementType.UInt8: Copy(output, shape, contents.UintContents, value => checked((byte)value)); break;
            case ElementType.UInt16: Copy(output, shape, contents.UintContents, value => checked((ushort)value)); break;
            case ElementType.UInt32: Copy(output, shape, contents.UintContents, value => value); break;
            case ElementType.UInt64: Copy(output, shape, contents.Uint64Contents, value => value); break;
            case ElementType.Bool: Copy(output, shape, contents.BoolContents, value => value); break;
            case ElementType.String: CopyTexts(output, shape, contents.BytesContents); break;
            default: throw new InvalidDataException($"{output.Label} is {OpenInferenceTypes.ToDatatype(output.Type)}, which the protocol allows in raw contents only");
        }
    }

    /// <summary>The elements of a list, one by one.</summary>
    public static void Copy<TWire, T>(RemoteTensor output, ReadOnlySpan<long> shape, RepeatedField<TWire> list, Func<TWire, T> convert)
        where T : unmanaged
    {
        RequireCount(output, shape, list.Count);
        var elements = MemoryMarshal.Cast<byte, T>(output.Reserve(shape).Span);
        try
        {
            for (var i = 0; i < elements.Length; i++)
            {
                elements[i] = convert(list[i]);
            }
        }
        catch (OverflowException e)
        {
            throw new InvalidDataException($"{output.Label} has an element beyond {output.Type}", e);
        }
    }

    public static void CopyTexts(RemoteTensor output, ReadOnlySpan<long> shape, RepeatedField<Google.Protobuf.ByteString> list)
    {
        RequireCount(output, shape, list.Count);
        var texts = output.ReserveStrings(shape);
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = TextBytes.Decode(list[i].Span, output.Label);
        }
    }

    private static void RequireCount(RemoteTensor output, ReadOnlySpan<long> shape, int count)
    {
        if (shape.ContainsAnyInRange(long.MinValue, -1) || TensorChecks.Count(shape) != count)
        {
            throw new InvalidDataException($"{output.Label} of shape [{string.Join(", ", shape.ToArray())}] has {count} elements");
        }
    }
}
