using static Coffer.Onnx.OrtNative;

namespace Coffer.Onnx;

/// <summary>OrtIoBinding of the C API. Names are zero-terminated UTF-8.</summary>
internal static unsafe class OrtBinding
{
    public static nint Create(nint session)
    {
        nint binding;
        Check(((delegate* unmanaged<nint, nint*, nint>)Entry(134))(session, &binding));
        return binding;
    }

    public static void Release(nint binding) => ((delegate* unmanaged<nint, void>)Entry(135))(binding);

    /// <summary>The binding shares the tensor; the value may be released. Copies it now if the session runs on another device.</summary>
    public static void BindInput(nint binding, nint name, nint value) =>
        Check(((delegate* unmanaged<nint, nint, nint, nint>)Entry(136))(binding, name, value));

    /// <summary>Lets each run allocate the output, whatever its shape, and forgets the last one.</summary>
    public static void BindOutput(nint binding, nint name, nint memoryInfo) =>
        Check(((delegate* unmanaged<nint, nint, nint, nint>)Entry(138))(binding, name, memoryInfo));

    /// <summary>The outputs of the last run in the order in which they were bound; each is the caller's to release.</summary>
    public static void Outputs(nint binding, nint allocator, Span<nint> values)
    {
        nint* list;
        nuint count;
        Check(((delegate* unmanaged<nint, nint, nint**, nuint*, nint>)Entry(140))(binding, allocator, &list, &count));
        new ReadOnlySpan<nint>(list, checked((int)count)).CopyTo(values);
        Free(allocator, list);
    }

    public static void ClearInputs(nint binding) => ((delegate* unmanaged<nint, void>)Entry(141))(binding);

    public static void ClearOutputs(nint binding) => ((delegate* unmanaged<nint, void>)Entry(142))(binding);

    public static void Run(nint session, nint runOptions, nint binding) =>
        Check(((delegate* unmanaged<nint, nint, nint, nint>)Entry(133))(session, runOptions, binding));
}
