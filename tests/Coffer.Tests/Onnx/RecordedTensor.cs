using System.Runtime.InteropServices;

namespace Coffer.Tests.Onnx;

/// <summary>Reads the float32 tensors that ONNX models' test data sets hold: a TensorProto with raw_data.</summary>
internal static class RecordedTensor
{
    public static float[] Read(string path)
    {
        ReadOnlySpan<byte> rest = File.ReadAllBytes(path);
        while (!rest.IsEmpty)
        {
            var tag = Varint(ref rest);
            var length = Varint(ref rest);
            if ((tag & 7) != 2)
            {
                continue;
            }

            // Field 9 is raw_data.
            if (tag >> 3 == 9)
            {
                return MemoryMarshal.Cast<byte, float>(rest[..length]).ToArray();
            }

            rest = rest[length..];
        }

        throw new InvalidDataException($"No raw_data in '{path}'.");
    }

    private static int Varint(ref ReadOnlySpan<byte> rest)
    {
        var value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var current = rest[0];
            rest = rest[1..];
            value |= (current & 0x7F) << shift;
            if (current < 0x80)
            {
                return value;
            }
        }
    }
}
