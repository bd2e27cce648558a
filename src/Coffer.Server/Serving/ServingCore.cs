using Coffer.Inference;
using Coffer.Remote;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Coffer.Server;

/// <summary>What every protocol stands on: the models, how many calls there may be, and how failures are said.</summary>
internal sealed class ServingCore(ModelCatalog catalog, ServerMeter meter, ServerOptions options, ILogger logger)
{
    public const string ServerName = "coffer";

    /// <summary>What runs the models, in Triton's terms.</summary>
    public const string Platform = "onnxruntime_onnx";

    private volatile bool _draining;
    private int _calls;

    public static string ServerVersion { get; } = typeof(ModelServer).Assembly.GetName().Version!.ToString(3);

    public ModelCatalog Catalog => catalog;

    public bool AllowsModelControl => options.AllowModelControl;

    public IReadOnlyList<string> Extensions => AllowsModelControl ? ["binary_tensor_data", "model_repository"] : ["binary_tensor_data"];

    public bool IsReady => !_draining && catalog.IsReady;

    public bool IsDraining => _draining;

    public void Drain() => _draining = true;

    /// <summary>A shape without names: -1 for a free dimension, and one of them where even the rank is free.</summary>
    public static IEnumerable<long> Shape(TensorDescription tensor) => tensor.AnyRank ? [-1] : tensor.Dimensions.Select(dimension => dimension.Size ?? -1);

    /// <summary>From here on the request is one for inference, and measured as such.</summary>
    public static void Begin(HttpContext context, string model, string protocol)
    {
        if (context.Features.Get<ServedRequest>() is { } request)
        {
            (request.Model, request.Protocol) = (model, protocol);
        }
    }

    /// <summary>Runs a graph, unless as many calls as the server takes are under way.</summary>
    public async ValueTask<T> RunAsync<T>(ServedGraph graph, IReadOnlyList<RemoteTensor> inputs, Func<IModelCall, ModelSignature, T> read, CancellationToken cancellationToken)
    {
        try
        {
            meter.Enter();
            return Interlocked.Increment(ref _calls) <= options.MaxCalls
                ? await graph.RunAsync(inputs, read, cancellationToken).ConfigureAwait(false)
                : throw ServingException.Busy();
        }
        finally
        {
            Interlocked.Decrement(ref _calls);
            meter.Exit();
        }
    }

    /// <summary>Answers over HTTP; whatever fails becomes a status and a sentence.</summary>
    public async Task AnswerAsync(HttpContext context, Func<Task> answer)
    {
        try
        {
            await answer().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await RestReply.WriteFailureAsync(context, Explain(e, context.RequestAborted)).ConfigureAwait(false);
        }
    }

    /// <summary>Answers over gRPC; whatever fails becomes a status and a sentence.</summary>
    /// <exception cref="RpcException">It failed.</exception>
    public async Task<T> AnswerAsync<T>(ServerCallContext context, Func<ValueTask<T>> answer)
    {
        try
        {
            return await answer().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not RpcException)
        {
            var failure = Explain(e, context.CancellationToken);
            if (context.GetHttpContext().Features.Get<ServedRequest>() is { } request)
            {
                request.Outcome = failure.Reason;
            }

            // The reason for programs, as REST has it in its JSON; and gRPC's own push-back.
            var trailers = new Metadata { { "coffer-reason", failure.Reason } };
            if (failure.RetryAfter is { } seconds)
            {
                trailers.Add("grpc-retry-pushback-ms", (seconds * 1000).ToString(System.Globalization.CultureInfo.InvariantCulture));
            }

            throw new RpcException(new Status(failure.GrpcStatus, failure.Message), trailers);
        }
    }

    private ServingFailure Explain(Exception exception, CancellationToken aborted)
    {
        var failure = ServingFailure.Of(exception, aborted);
        if (failure.IsFault)
        {
            logger.LogError(exception, "A request failed: {Reason}", failure.Reason);
        }
        else if (exception is CofferException)
        {
            logger.LogWarning("A request was refused: {Reason}: {Message}", failure.Reason, exception.Message);
        }

        return failure;
    }
}
