using Coffer.Inference;

namespace Coffer.Onnx;

/// <summary>What this process would run models with.</summary>
public sealed record OnnxRuntimeReport
{
    /// <summary>Whether a native ONNX Runtime was found that is new enough.</summary>
    public bool IsUsable => Error is null;

    /// <summary>What is wrong with the runtime, for programs; null if it is usable.</summary>
    public InferenceError? Error { get; init; }

    /// <summary>What is wrong with the runtime and what to do; null if it is usable.</summary>
    public string? Problem { get; init; }

    /// <summary>The native library's version, for example <c>1.31.1</c>; null if there is none.</summary>
    public string? Version { get; init; }

    /// <summary>The version of the managed half.</summary>
    public required string ManagedVersion { get; init; }

    /// <summary>The native library's file; null if there is none or the system doesn't say.</summary>
    public string? LibraryPath { get; init; }

    /// <summary>Every execution provider that Coffer knows; empty if the runtime isn't usable.</summary>
    public IReadOnlyList<ExecutionProviderReport> Providers { get; init; } = [];

    /// <summary>Execution providers that the library was built with and Coffer has no option for, by ONNX Runtime's names.</summary>
    public IReadOnlyList<string> OtherProviders { get; init; } = [];
}
