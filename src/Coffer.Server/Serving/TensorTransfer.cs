using System.Runtime.InteropServices;
using Coffer.Inference;
using Coffer.Remote;

namespace Coffer.Server;

/// <summary>Between a request's tensors, or a reply's, and those of a call. Elements are row-major and little-endian in both.</summary>
internal static class TensorTransfer
{
    /// <summary>Copies an input into the call.</summary>
    /// <exception cref="InferenceException">The graph does not take its shape.</exception>
    public static void Write(IModelCall call, RemoteTensor input)
    {
        switch (input.Type)
        {
            case ElementType.Float32: Write<float>(call, input); break;
            case ElementType.Float64: Write<double>(call, input); break;
            case ElementType.Float16: Write<Half>(call, input); break;
            case ElementType.BFloat16: Write<BFloat16>(call, input); break;
            case ElementType.Int8: Write<sbyte>(call, input); break;
            case ElementType.Int16: Write<short>(call, input); break;
            case ElementType.Int32: Write<int>(call, input); break;
            case ElementType.Int64: Write<long>(call, input); break;
            case ElementType.UInt8: Write<byte>(call, input); break;
            case ElementType.UInt16: Write<ushort>(call, input); break;
            case ElementType.UInt32: Write<uint>(call, input); break;
            case ElementType.UInt64: Write<ulong>(call, input); break;
            case ElementType.Bool: Write<bool>(call, input); break;
            case ElementType.String: input.Strings.CopyTo(call.Input<string>(input.Name, input.Shape)); break;
            default: throw Unsupported(input.Label);
        }
    }

    /// <summary>The bytes of an output of numbers, where the call has them.</summary>
    public static ReadOnlySpan<byte> Bytes(IModelCall call, TensorDescription output) => output.ElementType switch
    {
        ElementType.Float32 => MemoryMarshal.AsBytes(call.Output<float>(output.Name)),
        ElementType.Float64 => MemoryMarshal.AsBytes(call.Output<double>(output.Name)),
        ElementType.Float16 => MemoryMarshal.AsBytes(call.Output<Half>(output.Name)),
        ElementType.BFloat16 => MemoryMarshal.AsBytes(call.Output<BFloat16>(output.Name)),
        ElementType.Int8 => MemoryMarshal.AsBytes(call.Output<sbyte>(output.Name)),
        ElementType.Int16 => MemoryMarshal.AsBytes(call.Output<short>(output.Name)),
        ElementType.Int32 => MemoryMarshal.AsBytes(call.Output<int>(output.Name)),
        ElementType.Int64 => MemoryMarshal.AsBytes(call.Output<long>(output.Name)),
        ElementType.UInt8 => call.Output<byte>(output.Name),
        ElementType.UInt16 => MemoryMarshal.AsBytes(call.Output<ushort>(output.Name)),
        ElementType.UInt32 => MemoryMarshal.AsBytes(call.Output<uint>(output.Name)),
        ElementType.UInt64 => MemoryMarshal.AsBytes(call.Output<ulong>(output.Name)),
        ElementType.Bool => MemoryMarshal.AsBytes(call.Output<bool>(output.Name)),
        _ => throw Unsupported($"output '{output.Name}'"),
    };

    /// <summary>An output as the writers of JSON take it.</summary>
    public static RemoteTensor Copy(IModelCall call, string graph, TensorDescription output)
    {
        var copy = new RemoteTensor(graph, "Output", output);
        var shape = call.OutputShape(output.Name);
        if (output.ElementType == ElementType.String)
        {
            call.Output<string>(output.Name).CopyTo(copy.ReserveStrings(shape));
        }
        else
        {
            Bytes(call, output).CopyTo(copy.Reserve(shape).Span);
        }

        return copy;
    }

    private static void Write<T>(IModelCall call, RemoteTensor input)
        where T : unmanaged
    {
        var elements = MemoryMarshal.AsBytes(call.Input<T>(input.Name, input.Shape));
        if (elements.Length != input.Content.Length)
        {
            throw new InvalidDataException($"{input.Label} of shape [{string.Join(", ", input.Shape)}] has {input.Content.Length} bytes instead of {elements.Length}");
        }

        input.Content.Span.CopyTo(elements);
    }

    private static InvalidDataException Unsupported(string label) => new($"{label} has an element type that the protocol does not have");
}
