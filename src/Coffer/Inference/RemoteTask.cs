using Coffer.Bundles;

namespace Coffer.Inference;

/// <summary>How a task that an endpoint does as a whole is described where a graph would be.</summary>
internal static class RemoteTask
{
    public static ModelSignature Signature(Uri endpoint) =>
        new(endpoint.Host, [], [], new RunnerCapabilities(Synchronous: false, Carry: false), ExecutionTarget.Remote, endpoint.Scheme);
}
