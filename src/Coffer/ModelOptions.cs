using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Onnx;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coffer;

/// <summary>What it takes to open a protected model. Immutable; edit with <c>with</c>.</summary>
public sealed record ModelOptions
{
    /// <summary>
    /// Whom the application trusts. Build it in code or ship it with the application: a trust store that the end user can
    /// edit protects nothing.
    /// </summary>
    public required TrustStore Trust { get; init; }

    /// <summary>The license for this device.</summary>
    public required License License { get; init; }

    /// <summary>This device's key. The caller disposes it, after the model.</summary>
    public required IDeviceKey Device { get; init; }

    /// <summary>Where and how to run. Default: the processor, all cores.</summary>
    public ExecutionOptions Execution { get; init; } = ExecutionOptions.Default;

    /// <summary>
    /// Collects concurrent calls into one run, for every predictor of the model; read at <see cref="BatchingRunner"/> which models
    /// that suits. Calls are charged for as without. More asynchronous calls may then wait than
    /// <see cref="ExecutionOptions.MaxConcurrency"/> says: two full batches, one that runs and one that fills. Default null: every call
    /// runs by itself.
    /// </summary>
    public BatchingOptions? Batching { get; init; }

    /// <summary>Shares sessions and weights with other models that are opened with the same pool. Default: none.</summary>
    public SessionPool? Sessions { get; init; }

    /// <summary>Hears how far opening has come. Default: nobody.</summary>
    public IProgress<OpenProgress>? Progress { get; init; }

    /// <summary>The application's id, which a license may be bound to by its <c>aud</c> claim. Default: none.</summary>
    public string? Audience { get; init; }

    /// <summary>
    /// The issuers' status lists at hand, shared by everything that opens models; refresh them with
    /// <see cref="ProtectedModel.RefreshStatusAsync"/>. Default: none, which a license with <c>offline</c> terms allows for a while.
    /// </summary>
    public StatusLists? StatusLists { get; init; }

    /// <summary>Whether the bundle may be older than one of the same model that was opened on this device. Default: no.</summary>
    public bool AllowOlderBundle { get; init; }

    /// <summary>What a bundle may measure before anything is allocated for it.</summary>
    public BundleLimits Limits { get; init; } = BundleLimits.Default;

    /// <summary>What tells the time. Default: the system's clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Gets what was opened, fallbacks, and ONNX Runtime's warnings; never a secret. Default: nowhere.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;
}
