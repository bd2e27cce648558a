using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Coffer.Onnx;

/// <summary>
/// The part of ONNX Runtime's C API that its managed half doesn't reach: weights and graphs from native memory of any size,
/// error codes, and calls that allocate nothing (<see cref="OrtSession"/>, <see cref="OrtBinding"/>, <see cref="OrtTensor"/>).
/// The numbers are positions in <c>struct OrtApi</c> of onnxruntime_c_api.h. Every function throws
/// <see cref="OrtException"/> when ONNX Runtime reports an error.
/// </summary>
internal static unsafe class OrtNative
{
    /// <summary>
    /// Gives the bytes of external-data locations to sessions that are created with these options. They are copied unless
    /// <c>session.use_external_initializer_file_buffers_directly</c> is 1; then they must stay until those sessions are gone.
    /// </summary>
    public static void AddExternalInitializers(SessionOptions options, IReadOnlyList<ExternalWeights> weights)
    {
        if (weights.Count == 0)
        {
            return;
        }

        var names = new nint[weights.Count];
        var pointers = new nint[weights.Count];
        var lengths = new nuint[weights.Count];
        try
        {
            for (var i = 0; i < weights.Count; i++)
            {
                // ORTCHAR_T is wchar_t on Windows and char elsewhere.
                names[i] = OperatingSystem.IsWindows()
                    ? Marshal.StringToCoTaskMemUni(weights[i].Location)
                    : Marshal.StringToCoTaskMemUTF8(weights[i].Location);
                pointers[i] = weights[i].Pointer;
                lengths[i] = checked((nuint)weights[i].Length);
            }

            fixed (nint* name = names, pointer = pointers)
            fixed (nuint* length = lengths)
            {
                Check(((delegate* unmanaged<nint, nint*, nint*, nuint*, nuint, nint>)Entry(279))(
                    options.DangerousGetHandle(), name, pointer, length, (nuint)weights.Count));
            }

            GC.KeepAlive(options);
        }
        finally
        {
            Array.ForEach(names, Marshal.FreeCoTaskMem);
        }
    }

    /// <summary>The allocator for what the C API hands out: names and lists of values.</summary>
    public static nint DefaultAllocator()
    {
        nint allocator;
        Check(((delegate* unmanaged<nint*, nint>)Entry(78))(&allocator));
        return allocator;
    }

    public static void Free(nint allocator, void* memory) => Check(((delegate* unmanaged<nint, void*, nint>)Entry(76))(allocator, memory));

    public static nint CreateRunOptions()
    {
        nint options;
        Check(((delegate* unmanaged<nint*, nint>)Entry(39))(&options));
        return options;
    }

    /// <summary>Makes the runs that use these options stop at their next node. From any thread.</summary>
    public static void SetTerminate(nint runOptions) => Check(((delegate* unmanaged<nint, nint>)Entry(46))(runOptions));

    public static void UnsetTerminate(nint runOptions) => Check(((delegate* unmanaged<nint, nint>)Entry(47))(runOptions));

    public static void ReleaseRunOptions(nint options) => ((delegate* unmanaged<nint, void>)Entry(97))(options);

    public static nint Entry(int position) => NativeRuntime.Api[position];

    /// <summary>Takes ownership of a status: null is success.</summary>
    public static void Check(nint status)
    {
        if (status != 0)
        {
            throw Read(status);
        }
    }

    private static OrtException Read(nint status)
    {
        var code = ((delegate* unmanaged<nint, OrtErrorCode>)Entry(1))(status);
        var message = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint, nint>)Entry(2))(status)) ?? "";
        ((delegate* unmanaged<nint, void>)Entry(93))(status);
        return new OrtException(code, message);
    }
}
