using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Arm = System.Runtime.Intrinsics.Arm;

namespace Coffer.Cli.Diagnosis;

/// <summary>An instruction set that decides how fast models run, or how fast bundles open.</summary>
/// <param name="Name">As its maker names it.</param>
/// <param name="IsPresent">Whether this processor has it and .NET uses it.</param>
/// <param name="Purpose">What it speeds up.</param>
internal sealed record CpuFeature(string Name, bool IsPresent, string Purpose)
{
    /// <summary>Those of this machine's architecture.</summary>
    public static IReadOnlyList<CpuFeature> Examine() => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 or Architecture.X86 =>
        [
            new("AVX2", Avx2.IsSupported, Arithmetic),
            new("AVX-512", Avx512F.IsSupported, Arithmetic),
            new("AES-NI", Aes.IsSupported, Decryption),
            new("PCLMULQDQ", Pclmulqdq.IsSupported, Decryption),
            new("SHA", HasShaExtensions(), Hashing),
        ],
        Architecture.Arm64 =>
        [
            new("NEON", Arm.AdvSimd.IsSupported, Arithmetic),
            new("DotProd", Arm.Dp.IsSupported, Arithmetic),
            new("AES", Arm.Aes.IsSupported, Decryption),
            new("SHA-256", Arm.Sha256.IsSupported, Hashing),
        ],
        _ => [],
    };

    // Intel SDM vol. 2A, CPUID leaf 7: bit 29 of EBX. .NET has no type for the SHA extensions to ask.
    private static bool HasShaExtensions()
    {
        const int ExtendedFeatures = 7;
        return X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= ExtendedFeatures && (X86Base.CpuId(ExtendedFeatures, 0).Ebx >> 29 & 1) != 0;
    }

    private const string Arithmetic = "arithmetic of models and pictures";
    private const string Decryption = "decryption";
    private const string Hashing = "verification";
}
