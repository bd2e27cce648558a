using System.Net.Http.Headers;
using Coffer.Inference;
using Coffer.Remote.Tests;
using Coffer.Tensors;
using Coffer.Testing;
using Coffer.Tests.Vision;
using Microsoft.Extensions.Logging;

namespace Coffer.Server.Tests;

/// <summary>A server on loopback, with models that are delegates.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    public const string Token = "s3cr3t-t0ken-0123456789";

    private TestServer(ModelServer server, CollectingLogger log)
    {
        Server = server;
        Log = log;
        Client = new HttpClient { BaseAddress = Rest };
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    public static ServerOptions Options { get; } = new() { Port = 0, GrpcPort = 0, Tokens = [BearerToken.Parse(Token)] };

    public ModelServer Server { get; }

    public CollectingLogger Log { get; }

    public Uri Rest => Server.Addresses[0];

    public Uri Grpc => Server.Addresses[1];

    /// <summary>Shows the token.</summary>
    public HttpClient Client { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<TestServer> StartAsync(ServerOptions? options = null)
    {
        var log = new CollectingLogger();
        return new TestServer(await ModelServer.StartAsync((options ?? Options) with { LoggerFactory = new OneLogger(log) }, Cancellation), log);
    }

    /// <summary>With the graphs of <see cref="TestModels"/>, each a model of its own.</summary>
    public static async Task<TestServer> WithModelsAsync(ServerOptions? options = null)
    {
        var server = await StartAsync(options);
        foreach (var graph in TestModels.All.Values)
        {
            await server.AddAsync(graph);
        }

        return server;
    }

    public Task AddAsync(FakeGraph graph, string version = "1.2.0", long sequence = 7, bool refuses = false, int maxConcurrency = 2, IDisposable? owner = null)
    {
        var runner = new FakeModelRunner(graph) { Capabilities = new RunnerCapabilities(Synchronous: true, Carry: false) };
        return Server.AddAsync(new ServedModel(graph.Name, version, sequence, [graph.Name], runner, new FakePredictorContext(maxConcurrency, refuses: refuses), owner ?? runner));
    }

    /// <summary>A model whose runs begin and then wait until they are let go.</summary>
    public async Task<(Task Started, TaskCompletionSource Go)> AddWaitingAsync(IDisposable? owner = null)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await AddAsync(
            new FakeGraph("waiting", [new("x", ElementType.Float32, [new(2)])], [new("y", ElementType.Float32, [new(2)])], inputs =>
            {
                started.TrySetResult();
                go.Task.GetAwaiter().GetResult();
                return new Dictionary<string, Tensor> { ["y"] = inputs["x"] };
            }),
            owner: owner);
        return (started.Task, go);
    }

    public async Task<(int Status, string Body)> PostAsync(string path, string json)
    {
        using var content = new StringContent(json);
        using var reply = await Client.PostAsync(path, content, Cancellation);
        return ((int)reply.StatusCode, await reply.Content.ReadAsStringAsync(Cancellation));
    }

    public async Task<(int Status, string Body)> GetAsync(string path)
    {
        using var reply = await Client.GetAsync(path, Cancellation);
        return ((int)reply.StatusCode, await reply.Content.ReadAsStringAsync(Cancellation));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
    }

    private sealed class OneLogger(ILogger logger) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => logger;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }
    }
}
