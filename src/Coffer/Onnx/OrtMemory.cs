using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using static Coffer.Onnx.OrtNative;

namespace Coffer.Onnx;

/// <summary>OrtMemoryInfo and OrtAllocator of the C API: where tensors lie, and copies between devices.</summary>
internal static unsafe class OrtMemory
{
    /// <summary>OrtMemoryInfoDeviceType_CPU: the processor can read it, pinned memory of a GPU's driver included.</summary>
    private const int Processor = 0;

    /// <summary>Where a loaded session computes its outputs, in the signature's order; valid as long as the session.</summary>
    public static nint[] OfOutputs(nint session, int count)
    {
        var infos = new nint[count];
        fixed (nint* info = infos)
        {
            Check(((delegate* unmanaged<nint, nint*, nuint, nint>)Entry(381))(session, info, (nuint)count));
        }

        return infos;
    }

    /// <summary>Where a tensor lies; valid as long as it.</summary>
    public static nint Of(nint value)
    {
        nint info;
        Check(((delegate* unmanaged<nint, nint*, nint>)Entry(194))(value, &info));
        return info;
    }

    public static bool IsHost(nint info)
    {
        int type;
        ((delegate* unmanaged<nint, int*, void>)Entry(225))(info, &type);
        return type == Processor;
    }

    /// <summary>The allocator's name for it, for example <c>Cpu</c>, <c>Cuda</c>, <c>WebGPU_Buffer</c>.</summary>
    public static string Name(nint info)
    {
        byte* name;
        Check(((delegate* unmanaged<nint, byte**, nint>)Entry(71))(info, &name));
        return Marshal.PtrToStringUTF8((nint)name) ?? "";
    }

    /// <summary>The allocator of a session for its own device.</summary>
    public static nint CreateAllocator(nint session, nint info)
    {
        nint allocator;
        Check(((delegate* unmanaged<nint, nint, nint*, nint>)Entry(131))(session, info, &allocator));
        return allocator;
    }

    public static void ReleaseAllocator(nint allocator) => ((delegate* unmanaged<nint, void>)Entry(132))(allocator);

    /// <summary>Copies a tensor into another of the same type and shape, on whichever device each lies, and waits for the end.</summary>
    public static void Copy(OrtEnv environment, nint source, nint target)
    {
        Check(((delegate* unmanaged<nint, nint*, nint*, nint, nuint, nint>)Entry(386))(environment.DangerousGetHandle(), &source, &target, 0, 1));
        GC.KeepAlive(environment);
    }
}
