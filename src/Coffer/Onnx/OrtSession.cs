using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using static Coffer.Onnx.OrtNative;

namespace Coffer.Onnx;

/// <summary>OrtSession of the C API: created from bytes in native memory, never from a path.</summary>
internal static unsafe class OrtSession
{
    public static nint Create(OrtEnv environment, nint graph, long length, SessionOptions options)
    {
        nint session;
        Check(((delegate* unmanaged<nint, nint, nuint, nint, nint*, nint>)Entry(8))(
            environment.DangerousGetHandle(), graph, checked((nuint)length), options.DangerousGetHandle(), &session));
        GC.KeepAlive(environment);
        GC.KeepAlive(options);
        return session;
    }

    public static void Release(nint session) => ((delegate* unmanaged<nint, void>)Entry(95))(session);

    public static int InputCount(nint session) => Count(session, 30);

    public static int OutputCount(nint session) => Count(session, 31);

    public static OrtTensorInfo Input(nint session, int index, nint allocator) => Describe(session, index, allocator, name: 36, typeInfo: 33);

    public static OrtTensorInfo Output(nint session, int index, nint allocator) => Describe(session, index, allocator, name: 37, typeInfo: 34);

    private static int Count(nint session, int entry)
    {
        nuint count;
        Check(((delegate* unmanaged<nint, nuint*, nint>)Entry(entry))(session, &count));
        return checked((int)count);
    }

    private static OrtTensorInfo Describe(nint session, int index, nint allocator, int name, int typeInfo)
    {
        byte* text;
        Check(((delegate* unmanaged<nint, nuint, nint, byte**, nint>)Entry(name))(session, (nuint)index, allocator, &text));
        var tensorName = Marshal.PtrToStringUTF8((nint)text) ?? "";
        Free(allocator, text);

        nint info;
        Check(((delegate* unmanaged<nint, nuint, nint*, nint>)Entry(typeInfo))(session, (nuint)index, &info));
        try
        {
            nint tensor;
            Check(((delegate* unmanaged<nint, nint*, nint>)Entry(55))(info, &tensor));
            // Null for sequences, maps and optional values.
            return tensor == 0 ? new OrtTensorInfo(tensorName, OrtElementType.Undefined, HasRank: false, [], []) : ReadTensor(tensorName, tensor);
        }
        finally
        {
            ((delegate* unmanaged<nint, void>)Entry(98))(info);
        }
    }

    private static OrtTensorInfo ReadTensor(string name, nint tensor)
    {
        OrtElementType type;
        Check(((delegate* unmanaged<nint, OrtElementType*, nint>)Entry(60))(tensor, &type));
        // bool HasShape(const OrtTensorTypeAndShapeInfo*): C++ returns a bool in one byte.
        var hasRank = ((delegate* unmanaged<nint, byte>)Entry(390))(tensor) != 0;
        nuint rank;
        Check(((delegate* unmanaged<nint, nuint*, nint>)Entry(61))(tensor, &rank));

        var sizes = new long[rank];
        var symbols = new nint[rank];
        fixed (long* size = sizes)
        fixed (nint* symbol = symbols)
        {
            Check(((delegate* unmanaged<nint, long*, nuint, nint>)Entry(62))(tensor, size, rank));
            Check(((delegate* unmanaged<nint, nint*, nuint, nint>)Entry(63))(tensor, symbol, rank));
        }

        return new OrtTensorInfo(name, type, hasRank, sizes, Array.ConvertAll(symbols, pointer => Marshal.PtrToStringUTF8(pointer) ?? ""));
    }
}
