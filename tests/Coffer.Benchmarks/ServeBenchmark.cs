using System.Net;
using System.Runtime.InteropServices;
using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Onnx;
using Coffer.Packaging;
using Coffer.Remote;
using Coffer.Remote.OpenInference;
using Coffer.Server;
using Google.Protobuf;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Coffer.Benchmarks;

/// <summary>
/// Serving, client and server in one process on loopback: our gRPC runner against the generated client of the same protocol, and the server
/// against a handler that reads the tensor from the body, runs ONNX Runtime and writes the tensor back.
/// </summary>
internal static class ServeBenchmark
{
    private const int Clients = 32;
    private const int Edge = 2048;
    private const string Token = "benchmark-token-0123456789";

    public static async Task<IReadOnlyList<Bar>> RunAsync(Workplace workplace, Scale scale) =>
        [await CallAsync(workplace, scale), await ThroughputAsync(workplace, scale), await BatchingAsync(workplace, scale)];

    // 10 %: what the runner adds to the call that it makes.
    private static async Task<Bar> CallAsync(Workplace workplace, Scale scale)
    {
        using var bundle = await PackAsync(workplace, SampleModel.Digits.Onnx, "digits-grpc");
        await using var server = await ServeAsync(bundle, new ExecutionOptions { IntraOpThreads = 1 }, batching: null);
        using var runner = await OpenInferenceModelRunner.ConnectAsync(new OpenInferenceEndpointOptions
        {
            Endpoint = server.Addresses[1],
            Models = [new OpenInferenceModel("digits-grpc") { Graph = "model" }],
            Credential = _ => ValueTask.FromResult(RemoteCredential.Bearer(Token)),
        });
        using var channel = GrpcChannel.ForAddress(server.Addresses[1]);
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        var headers = new Grpc.Core.Metadata { { "authorization", $"Bearer {Token}" } };
        var pixels = new float[3 * 32 * 32];
        using var call = runner.Rent("model");
        var calls = Math.Max(scale.Calls / 50, 4);
        var rows = new Comparison(
        [
            new Contender("Grpc.Net.Client", () => Bare(), calls),
            new Contender("OpenInferenceModelRunner", () => Own(), calls),
        ]).Run(scale.Rounds);
        MarkdownTable.Print("a call of digits over gRPC, loopback", rows);
        return Bar.AtMost("a call of digits over gRPC", rows[0], rows[1], 1.1);

        void Bare()
        {
            var request = new ModelInferRequest { ModelName = "digits-grpc" };
            request.Inputs.Add(new ModelInferRequest.Types.InferInputTensor { Name = "pixel_values", Datatype = "FP32", Shape = { 1, 3, 32, 32 } });
            request.RawInputContents.Add(ByteString.CopyFrom(MemoryMarshal.AsBytes(pixels.AsSpan())));
            var reply = client.ModelInferAsync(request, headers).GetAwaiter().GetResult();
            _ = MemoryMarshal.Cast<byte, float>(reply.RawOutputContents[0].Span)[0];
        }

        void Own()
        {
            pixels.CopyTo(call.Input<float>("pixel_values", [1, 3, 32, 32]));
            call.RunAsync().AsTask().GetAwaiter().GetResult();
            _ = call.Output<float>("logits")[0];
        }
    }

    private static async Task<Bar> ThroughputAsync(Workplace workplace, Scale scale)
    {
        var oneThread = new ExecutionOptions { IntraOpThreads = 1 };
        using var bundle = await PackAsync(workplace, SampleModel.Digits.Onnx, "digits-rest");
        await using var server = await ServeAsync(bundle, oneThread, batching: null);
        await using var bare = await BareAsync(SampleModel.Digits.Onnx, [1, 3, 32, 32]);
        var rows = Compare(scale.Calls / 400, bare, server, "digits-rest", "pixel_values", [1, 3, 32, 32], scale);
        MarkdownTable.Print("a request of digits over HTTP, 32 clients: time over requests", rows);
        return Bar.AtLeast("throughput of 32 HTTP clients, digits", rows[0], rows[1], 0.9);
    }

    private static async Task<Bar> BatchingAsync(Workplace workplace, Scale scale)
    {
        // As in BatchingBenchmark: a run of 16 rows reads the weights once.
        var onnx = workplace.File("served-products.onnx");
        new LargeModel(Edge, layers: 4).WriteInline(onnx);
        using var bundle = await PackAsync(workplace, onnx, "served-products");
        await using var server = await ServeAsync(bundle, ExecutionOptions.Default, new BatchingOptions { MaxBatch = 16 });
        await using var bare = await BareAsync(onnx, [1, Edge]);
        using var model = bundle.Open();
        using var predictor = model.CreateTensorPredictor();
        var rows = Compare(scale.Calls / 2000, bare, server, "served-products", predictor.Describe().Inputs[0].Name, [1, Edge], scale);
        MarkdownTable.Print("a request of four products over HTTP, 32 clients, in batches: time over requests", rows);
        return Bar.AtLeast("throughput of 32 HTTP clients in batches, 64 MiB of weights", rows[0], rows[1], 1.5);
    }

    private static IReadOnlyList<Measurement> Compare(int calls, WebApplication bare, ModelServer server, string model, string input, long[] shape, Scale scale)
    {
        calls = Math.Max(calls, 4);
        var tensor = new byte[shape.Aggregate(1L, (count, size) => count * size) * sizeof(float)];
        var head = System.Text.Encoding.UTF8.GetBytes(
            $$$"""{"parameters":{"binary_data_output":true},"inputs":[{"name":"{{{input}}}","datatype":"FP32","shape":[{{{string.Join(',', shape)}}}],"parameters":{"binary_data_size":{{{tensor.Length}}}}}]}""");
        byte[] body = [.. head, .. tensor];
        using var peer = Client(new Uri(bare.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()));
        using var own = Client(server.Addresses[0]);
        own.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        var (peers, owns) = (new Crowd(Clients, calls), new Crowd(Clients, calls));
        return new Comparison(
        [
            new Contender("ASP.NET Core and ONNX Runtime, by hand", () => peers.Measure(_ => Send(peer, "/run", tensor, headLength: null))),
            new Contender("Coffer.Server", () => owns.Measure(_ => Send(own, $"/v2/models/{model}/infer", body, head.Length))),
        ]).Run(scale.Rounds);
    }

    private static HttpClient Client(Uri address) => new(new SocketsHttpHandler { MaxConnectionsPerServer = Clients }) { BaseAddress = address };

    private static void Send(HttpClient client, string path, byte[] body, int? headLength)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        if (headLength is { } length)
        {
            request.Content.Headers.Add("Inference-Header-Content-Length", length.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        using var reply = client.Send(request, HttpCompletionOption.ResponseContentRead);
        reply.EnsureSuccessStatusCode();
    }

    private static Task<LicensedBundle> PackAsync(Workplace workplace, string onnx, string name) =>
        workplace.PackAsync(onnx, new PackOptions { Name = name, Version = SemanticVersion.Parse("1.0.0"), Task = ModelTasks.Tensors });

    private static async Task<ModelServer> ServeAsync(LicensedBundle bundle, ExecutionOptions execution, BatchingOptions? batching)
    {
        var server = await ModelServer.StartAsync(new ServerOptions { Port = 0, GrpcPort = 0, Tokens = [BearerToken.Parse(Token)] });
        await server.LoadAsync([new Server.BundleSource(bundle.Path, bundle.Options with { Execution = execution, Batching = batching })]);
        return server;
    }

    /// <summary>What one writes in an afternoon: no protocol, no license, no authentication, a session that all requests share.</summary>
    private static async Task<WebApplication> BareAsync(string onnx, long[] shape)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton<Microsoft.Extensions.Logging.ILoggerFactory>(Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var application = builder.Build();
        using var options = new Microsoft.ML.OnnxRuntime.SessionOptions { IntraOpNumThreads = shape.Length == 2 ? 0 : 1 };
        var session = new Microsoft.ML.OnnxRuntime.InferenceSession(onnx, options);
        application.Lifetime.ApplicationStopped.Register(session.Dispose);
        var (input, outputs) = (session.InputNames[0], session.OutputNames.ToArray());
        application.Run(async context =>
        {
            var tensor = new float[shape.Aggregate(1L, (count, size) => count * size)];
            var bytes = new byte[tensor.Length * sizeof(float)];
            await context.Request.Body.ReadExactlyAsync(bytes);
            Buffer.BlockCopy(bytes, 0, tensor, 0, bytes.Length);
            using var value = Microsoft.ML.OnnxRuntime.OrtValue.CreateTensorValueFromMemory(tensor, shape);
            using var run = new Microsoft.ML.OnnxRuntime.RunOptions();
            using var results = session.Run(run, [input], [value], outputs);
            var reply = MemoryMarshal.AsBytes(results[0].GetTensorDataAsSpan<float>()).ToArray();
            context.Response.ContentLength = reply.Length;
            await context.Response.Body.WriteAsync(reply);
        });
        await application.StartAsync();
        return application;
    }
}
