namespace Coffer.Inference;

/// <summary>
/// A predictor that a hybrid predictor may use: on this device, or on an endpoint. Given, or made when a call first needs it: where the model
/// is not on this device, or the endpoint away, the other side answers until it can be made.
/// </summary>
/// <typeparam name="TPredictor">What it predicts with.</typeparam>
public sealed class HybridLeg<TPredictor>
    where TPredictor : class, IDisposable
{
    /// <summary>A predictor that is there.</summary>
    /// <param name="predictor">Stays the caller's to dispose.</param>
    public HybridLeg(TPredictor predictor)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        Create = _ => ValueTask.FromResult(predictor);
        IsOwned = false;
    }

    /// <summary>A predictor that is made when a call first needs it, and disposed with the hybrid predictor.</summary>
    /// <param name="create">Makes it, one call at a time. What it throws is judged as what the predictor throws.</param>
    public HybridLeg(Func<CancellationToken, ValueTask<TPredictor>> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        Create = create;
        IsOwned = true;
    }

    /// <summary>What results, logs and metrics call it. Default: the endpoint's host and port, or <c>device</c>.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// The endpoint's address. Together with <see cref="Model"/>, its license is asked before anything is sent there, probes and the
    /// making of the predictor included.
    /// </summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Whose license must allow <see cref="Endpoint"/>. Default null: the predictor's own checks alone.</summary>
    public ProtectedModel? Model { get; init; }

    /// <summary>How much of the calls this endpoint gets among several. Default 1; 1 to 1000.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>
    /// Asks the endpoint whether it would answer; for a runner, <see cref="IRemoteModelRunner.IsReadyAsync"/>. An endpoint that says no gets calls only when
    /// every other does too. Default null: only failing calls tell.
    /// </summary>
    public Func<CancellationToken, ValueTask<bool>>? Probe { get; init; }

    internal Func<CancellationToken, ValueTask<TPredictor>> Create { get; }

    internal bool IsOwned { get; }

    internal string ShownName(bool isRemote) => Name ?? Endpoint?.Authority ?? (isRemote ? "endpoint" : "device");

    /// <exception cref="Bundles.LicenseException">The license does not allow the endpoint.</exception>
    internal void RequireLicense()
    {
        if (Model is { } model && Endpoint is { } endpoint)
        {
            model.Entitlement.RequireEndpoint(endpoint);
        }
    }
}
