using Coffer.Bundles;
using Coffer.Onnx;

namespace Coffer.Benchmarks;

/// <summary>Entitlement and runner of a bundle without a predictor around them, opened step by step as <see cref="ProtectedModel"/> does.</summary>
internal sealed class LicensedRunner : IDisposable
{
    private readonly VerifiedBundle _bundle;
    private readonly DecryptedModel _model;

    public LicensedRunner(LicensedBundle licensed, ExecutionOptions execution)
    {
        var options = licensed.Options;
        using var signed = SignedBundle.Open(licensed.Path);
        _bundle = signed.Verify(options.Trust);
        Entitlement = options.License.Verify(options.Trust).Authorize(_bundle, options.Device);
        _model = DecryptedModel.Open(_bundle, Entitlement.UnwrapKeys(options.Device), CancellationToken.None);
        Runner = new OnnxModelRunner(_model.GraphSources(), execution);
    }

    public Entitlement Entitlement { get; }

    public OnnxModelRunner Runner { get; }

    public string Task => _bundle.Manifest.Task;

    public string Graph => _model.Settings.MainGraph;

    public void Dispose()
    {
        Runner.Dispose();
        Entitlement.Dispose();
        _model.Dispose();
    }
}
