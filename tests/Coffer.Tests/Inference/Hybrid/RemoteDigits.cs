using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Tensors;
using Coffer.Testing;

namespace Coffer.Tests.Inference;

/// <summary>The digits model on an endpoint that is not there: says "seven" to every picture, or throws what it is told to.</summary>
internal sealed class RemoteDigits : IRemoteModelRunner
{
    private readonly FakeModelRunner _runner;

    public RemoteDigits(string endpoint = "https://models.example/v2") => (_runner, Endpoint) = (Runner(() => OnRun()), new Uri(endpoint));

    public Uri Endpoint { get; }

    public Action OnRun { get; set; } = () => { };

    public int Runs => _runner.Runs.Count;

    /// <summary>What a license must say for it.</summary>
    public static Func<LicenseRequest, LicenseRequest> Licensed(LicenseRequest? also = null, params string[] desensitise) => request => (also ?? request) with
    {
        Targets = [ExecutionTarget.Local, ExecutionTarget.Remote],
        Remote = new RemoteTerms(["https://models.example"], desensitise),
    };

    public ModelSignature Describe(string graph) => _runner.Describe(graph);

    public IModelCall Rent(string graph) => _runner.Rent(graph);

    public void Dispose() => _runner.Dispose();

    private static FakeModelRunner Runner(Action onRun) => new(new FakeGraph(
        "model",
        [new TensorDescription("pixel_values", ElementType.Float32, [new Dimension(null, "batch"), new Dimension(3), new Dimension(32), new Dimension(32)])],
        [new TensorDescription("logits", ElementType.Float32, [new Dimension(null, "batch"), new Dimension(10)])],
        inputs =>
        {
            onRun();
            var batch = inputs["pixel_values"].Shape[0];
            var logits = new float[batch * 10];
            for (var i = 0; i < batch; i++)
            {
                logits[(i * 10) + 7] = 5;
            }

            return new Dictionary<string, Tensor> { ["logits"] = Tensor.Create(logits, [batch, 10]) };
        }))
    {
        Capabilities = new RunnerCapabilities(Synchronous: false, Carry: false),
        Target = ExecutionTarget.Remote,
        ExecutionProvider = "Test protocol",
    };
}
