using Coffer.Inference;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace Coffer.Onnx;

/// <summary>Makes sessions on the first execution provider that serves, and says why the ones before it did not.</summary>
internal sealed class SessionFactory(ExecutionOptions options, ILogger logger)
{
    public ExecutionOptions Options => options;

    /// <summary>Makes a session, which then owns the graph. When this throws, the graph stays the caller's.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public OnnxSession Create(OnnxGraph graph, CancellationToken cancellationToken)
    {
        var environment = OrtEnvironment.Get(logger);
        var refusals = new List<Refusal>();
        var providers = FindAvailable(refusals);
        while (providers.Count > 0 || !options.RequireGpu)
        {
            try
            {
                using var sessionOptions = CreateOptions(graph);
                Append(sessionOptions, providers, refusals);
                if (providers.Count == 0 && options.RequireGpu)
                {
                    break;
                }

                var primary = Primary(providers);
                using var stop = cancellationToken.UnsafeRegister(static options => ((SessionOptions)options!).SetLoadCancellationFlag(true), sessionOptions);
                using var turn = OnnxDevice.Enter(primary);
                var handle = OrtSession.Create(environment, graph.Pointer, graph.Length, sessionOptions);
                return new OnnxSession(graph, handle, primary, Report(graph, primary, refusals), KeepsWeights(graph));
            }
            catch (OrtException) when (cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException(cancellationToken);
            }
            catch (OrtException e) when (Primary(providers) == ExecutionProvider.Cpu || e.ToInferenceError(InferenceError.RunFailed) == InferenceError.InvalidModel)
            {
                throw new InferenceException(
                    e.ToInferenceError(InferenceError.InvalidModel),
                    $"ONNX Runtime {NativeRuntime.Version} can't load graph '{graph.Name}': {e.Message}",
                    e);
            }
            catch (OrtException e)
            {
                refusals.Add(new Refusal(providers[0], $"it can't load the model: {e.Message}", "Check the device and its driver; 'coffer doctor' lists what is missing."));
                providers.RemoveAt(0);
            }
        }

        throw new InferenceException(
            InferenceError.ProviderUnavailable,
            $"Graph '{graph.Name}' must run on a GPU (RequireGpu), but none serves. {string.Join(" ", refusals)}");
    }

    /// <summary>Behind the last stands the processor, which ONNX Runtime appends itself.</summary>
    private static ExecutionProvider Primary(List<ExecutionProvider> providers) => providers.Count > 0 ? providers[0] : ExecutionProvider.Cpu;

    private List<ExecutionProvider> FindAvailable(List<Refusal> refusals)
    {
        var available = new List<ExecutionProvider>();
        foreach (var provider in options.Providers.Where(provider => provider.IsGpu || !options.RequireGpu))
        {
            if (ExecutionProviderProbe.FindObstacle(provider) is { } obstacle)
            {
                refusals.Add(new Refusal(provider, obstacle.Reason, obstacle.Fix));
            }
            else
            {
                available.Add(provider);
            }
        }

        return available;
    }

    private SessionOptions CreateOptions(OnnxGraph graph)
    {
        // No profile and no optimized model: both would write the decrypted graph to the disk. Neither has a path by default.
        var session = new SessionOptions
        {
            LogId = graph.Name,
            GraphOptimizationLevel = options.GraphOptimization switch
            {
                GraphOptimization.None => GraphOptimizationLevel.ORT_DISABLE_ALL,
                GraphOptimization.Basic => GraphOptimizationLevel.ORT_ENABLE_BASIC,
                GraphOptimization.Extended => GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
                GraphOptimization.All => GraphOptimizationLevel.ORT_ENABLE_ALL,
                _ => AutomaticLevel(graph, options),
            },
        };
        if (options is { IntraOpThreads: null, InterOpThreads: null } && OrtEnvironment.HasThreadPool)
        {
            session.DisablePerSessionThreads();
        }

        if (options.IntraOpThreads is { } intra)
        {
            session.IntraOpNumThreads = intra;
        }

        if (options.InterOpThreads is { } inter)
        {
            session.InterOpNumThreads = inter;
            session.ExecutionMode = inter > 1 ? ExecutionMode.ORT_PARALLEL : ExecutionMode.ORT_SEQUENTIAL;
        }

        if (KeepsWeights(graph))
        {
            session.AddSessionConfigEntry("session.use_external_initializer_file_buffers_directly", "1");
        }

        if (LoadsDirectly(graph))
        {
            session.AddSessionConfigEntry("session.disable_prepacking", "1");
        }

        if (options.RequireGpu)
        {
            session.AddSessionConfigEntry("session.disable_cpu_ep_fallback", "1");
        }

        OrtNative.AddExternalInitializers(session, graph.Weights);
        return session;
    }

    /// <summary>
    /// What the packer did is not done again. A layout is the processor's own choice and only convolutions gain from one; other
    /// providers make fusions of their own.
    /// </summary>
    internal static GraphOptimizationLevel AutomaticLevel(OnnxGraph graph, ExecutionOptions options) =>
        graph.Optimization == GraphOptimization.Extended && (graph.IsLarge || !graph.HasConvolutions) && !options.Providers.Any(provider => provider.IsGpu) ? GraphOptimizationLevel.ORT_DISABLE_ALL
        : graph.IsLarge ? GraphOptimizationLevel.ORT_ENABLE_EXTENDED
        : GraphOptimizationLevel.ORT_ENABLE_ALL;

    private bool LoadsDirectly(OnnxGraph graph) => options.WeightLoading switch
    {
        WeightLoading.Direct => true,
        WeightLoading.Prepacked => false,
        _ => graph.IsLarge,
    };

    /// <summary>Prepacking from weights that stay where they lie saves a copy of them when a session is made, and costs their memory afterwards.</summary>
    private bool KeepsWeights(OnnxGraph graph) =>
        LoadsDirectly(graph) || (options.WeightLoading == WeightLoading.Auto && graph.IsSmall && !options.Providers.Any(provider => provider.IsGpu));

    private static void Append(SessionOptions session, List<ExecutionProvider> providers, List<Refusal> refusals)
    {
        foreach (var provider in providers.ToArray())
        {
            try
            {
                provider.AppendTo(session);
            }
            catch (Exception e) when (e is OnnxRuntimeException or EntryPointNotFoundException)
            {
                providers.Remove(provider);
                var reason = e is OnnxRuntimeException error ? OrtException.From(error).Message : e.Message;
                refusals.Add(new Refusal(provider, $"it can't start: {reason}", "Check the device and its driver; 'coffer doctor' lists what is missing."));
            }
        }
    }

    /// <summary>Logs every refusal; the first of those that stood before the one in use goes into the results.</summary>
    private Fallback? Report(OnnxGraph graph, ExecutionProvider primary, List<Refusal> refusals)
    {
        foreach (var refusal in refusals)
        {
            logger.LogWarning("Graph {Graph} runs on {Provider}. {Refusal}", graph.Name, primary.Name, refusal);
        }

        var first = options.Providers.FirstOrDefault(provider => provider.IsGpu || !options.RequireGpu);
        return refusals.Find(refusal => refusal.Provider.Equals(first)) is { } missed ? new Fallback(missed.Provider.Name, missed.Reason) : null;
    }

    private sealed record Refusal(ExecutionProvider Provider, string Reason, string Fix)
    {
        public override string ToString() => $"{Provider.Name} was passed over: {Reason}. {Fix}";
    }
}
