using System.Buffers.Binary;
using Coffer.Tensors;
using Google.Protobuf;

namespace Coffer.Cli.Tests;

/// <summary>Reads the float tensors that the ONNX model zoo records beside its models: TensorProto with dims (1) and raw_data (9).</summary>
internal static class OnnxTensorFile
{
    public static Tensor Read(string path)
    {
        var shape = new List<long>();
        float[] elements = [];
        using var input = new CodedInputStream(File.ReadAllBytes(path));
        while (input.ReadTag() is not 0 and var tag)
        {
            switch (WireFormat.GetTagFieldNumber(tag))
            {
                case 1:
                    shape.Add(input.ReadInt64());
                    break;
                case 9:
                    var raw = input.ReadBytes().ToByteArray();
                    elements = [.. raw.Chunk(sizeof(float)).Select(bytes => BinaryPrimitives.ReadSingleLittleEndian(bytes))];
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }

        return Tensor.Create(elements, [.. shape]);
    }
}
