using System.Runtime.InteropServices;
using Coffer.Inference;
using Coffer.Remote.TensorFlow;
using Google.Protobuf;
using Google.Protobuf.Collections;

namespace Coffer.Remote;

/// <summary>TensorProto: made over a call's memory; read from its bytes or its lists.</summary>
internal static class TensorFlowTensors
{
    public static TensorProto Write(RemoteTensor input)
    {
        var tensor = new TensorProto { Dtype = TensorFlowTypes.ToDataType(input.Type), TensorShape = new TensorShapeProto() };
        foreach (var size in input.Shape)
        {
            tensor.TensorShape.Dim.Add(new TensorShapeProto.Types.Dim { Size = size });
        }

        if (input.Type == ElementType.String)
        {
            foreach (var text in input.Strings)
            {
                tensor.StringVal.Add(ByteString.CopyFromUtf8(text));
            }
        }
        else
        {
            tensor.TensorContent = UnsafeByteOperations.UnsafeWrap(input.Content);
        }

        return tensor;
    }

    /// <param name="output">Takes the elements.</param>
    /// <param name="tensor">What the reply has.</param>
    /// <param name="maxBytes">The most that a tensor may be that is larger than what was sent for it.</param>
    /// <exception cref="InvalidDataException">It is of another type, or has not the elements that its shape says.</exception>
    public static void Read(RemoteTensor output, TensorProto tensor, long maxBytes)
    {
        if (tensor.Dtype != TensorFlowTypes.ToDataType(output.Type))
        {
            throw new InvalidDataException($"output '{output.Name}' is of type {tensor.Dtype} instead of {output.Type}");
        }

        long[] shape = [.. (tensor.TensorShape?.Dim ?? []).Select(dimension => dimension.Size)];
        if (tensor.TensorContent.Length > 0)
        {
            ReadContent(output, shape, tensor.TensorContent);
            return;
        }

        var lists = new ListReader(output, shape, maxBytes);
        switch (output.Type)
        {
            case ElementType.Float32: lists.Read(tensor.FloatVal, value => value); break;
            case ElementType.Float64: lists.Read(tensor.DoubleVal, value => value); break;
            case ElementType.Float16: lists.Read(tensor.HalfVal, value => BitConverter.UInt16BitsToHalf(checked((ushort)value))); break;
            case ElementType.BFloat16: lists.Read(tensor.HalfVal, value => new BFloat16(checked((ushort)value))); break;
            case ElementType.Int8: lists.Read(tensor.IntVal, value => checked((sbyte)value)); break;
            case ElementType.Int16: lists.Read(tensor.IntVal, value => checked((short)value)); break;
            case ElementType.Int32: lists.Read(tensor.IntVal, value => value); break;
            case ElementType.Int64: lists.Read(tensor.Int64Val, value => value); break;
            case ElementType.UInt8: lists.Read(tensor.IntVal, value => checked((byte)value)); break;
            case ElementType.UInt16: lists.Read(tensor.IntVal, value => checked((ushort)value)); break;
            case ElementType.UInt32: lists.Read(tensor.Uint32Val, value => value); break;
            case ElementType.UInt64: lists.Read(tensor.Uint64Val, value => value); break;
            case ElementType.Bool: lists.Read(tensor.BoolVal, value => value); break;
            default: OpenInferenceContents.CopyTexts(output, shape, tensor.StringVal); break;
        }
    }

    private static void ReadContent(RemoteTensor output, long[] shape, ByteString content)
    {
        if (output.Type == ElementType.String)
        {
            throw new InvalidDataException($"output '{output.Name}' has its texts in tensor_content");
        }

        output.Take(shape, content.Memory);
    }

    /// <summary>A list of elements, whose last fills the rest of the shape.</summary>
    private readonly struct ListReader(RemoteTensor output, long[] shape, long maxBytes)
    {
        public void Read<TWire, T>(RepeatedField<TWire> list, Func<TWire, T> convert)
            where T : unmanaged
        {
            var count = shape.AsSpan().ContainsAnyInRange(long.MinValue, -1) ? -1 : TensorChecks.Count(shape);
            if (count < list.Count || (count > list.Count && (list.Count == 0 || count > maxBytes / ElementTypes.SizeOf(output.Type))))
            {
                throw new InvalidDataException($"output '{output.Name}' of shape [{string.Join(", ", shape)}] has {list.Count} elements");
            }

            var elements = MemoryMarshal.Cast<byte, T>(output.Reserve(shape).Span);
            try
            {
                for (var i = 0; i < list.Count; i++)
                {
                    elements[i] = convert(list[i]);
                }
            }
            catch (OverflowException e)
            {
                throw new InvalidDataException($"output '{output.Name}' has an element beyond {output.Type}", e);
            }

            if (elements.Length > list.Count)
            {
                elements[list.Count..].Fill(elements[list.Count - 1]);
            }
        }
    }
}
