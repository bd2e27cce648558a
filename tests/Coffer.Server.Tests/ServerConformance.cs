using System.Globalization;
using Coffer.Inference;
using Coffer.Remote;
using Coffer.Remote.Tests;
using Coffer.Remote.Tests.StandIn;
using Coffer.Tensors;
using Coffer.Tests.Inference;

namespace Coffer.Server.Tests;

/// <summary>Our runners against our server: what every runner must do, and the local runner's numbers for every element type.</summary>
public abstract class ServerConformance : ModelRunnerConformance, IAsyncLifetime
{
    private TestServer _server = null!;

    private protected TestServer Server => _server;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await TestServer.WithModelsAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected abstract ValueTask<RemoteModelRunner> ConnectAsync(string model, bool compress = false);

    protected override IModelRunner CreateRunner() => ConnectAsync(Graph).AsTask().GetAwaiter().GetResult();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RunAsync_SampleModel_GivesTheLocalRunnersNumbers(bool compress)
    {
        var seed = Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage("seed {0}", seed);
        var random = new Random(seed);
        // Mostly zeros, so that it gets smaller where it is compressed.
        float[] pixels = [.. Enumerable.Range(0, 2 * 3 * 32 * 32).Select(i => i % 4 == 0 ? (random.NextSingle() * 4) - 2 : 0)];
        using var local = TestModels.Digits.Rent("model");
        pixels.CopyTo(local.Input<float>("pixel_values", [2, 3, 32, 32]));
        local.Run(Token);

        using var runner = await ConnectAsync("digits", compress);
        using var call = runner.Rent("digits");
        pixels.CopyTo(call.Input<float>("pixel_values", [2, 3, 32, 32]));
        await call.RunAsync(Token);

        Assert.Equal(local.OutputShape("logits"), call.OutputShape("logits"));
        Assert.Equal(local.Output<float>("logits"), call.Output<float>("logits"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    [InlineData(3)]
    public async Task RunAsync_EveryElementType_ComesBackBitForBit(int rows)
    {
        using var runner = await ConnectAsync("types");
        using var call = runner.Rent("types");
        var inputs = new Dictionary<ElementType, Tensor>();
        foreach (var type in ElementCodec.Types)
        {
            inputs[type] = Extremes(type, rows);
            inputs[type].WriteTo(call, $"in_{type}");
        }

        await call.RunAsync(Token);

        foreach (var output in TestModels.Types.Outputs)
        {
            var tensor = Tensor.ReadFrom(call, output);
            Assert.Equal([rows, 2L], tensor.Shape);
            Assert.Equal(ElementCodec.Of(output.ElementType).ToJson(inputs[output.ElementType]), ElementCodec.Of(output.ElementType).ToJson(tensor));
        }
    }

    [Fact]
    public async Task IsReadyAsync_ServedModel_IsTrue()
    {
        using var runner = await ConnectAsync("digits");

        Assert.True(await runner.IsReadyAsync(Token));
    }

    [Fact]
    public async Task ConnectAsync_UnknownModel_ThrowsNotFound()
    {
        var exception = await Assert.ThrowsAsync<RemoteException>(async () => await ConnectAsync("nothing"));

        Assert.Equal(RemoteError.NotFound, exception.Error);
        Assert.Contains("'nothing'", exception.Message, StringComparison.Ordinal);
    }

    private static Tensor Extremes(ElementType type, int rows)
    {
        string[] texts = type switch
        {
            ElementType.Float32 => ["NaN", "-Infinity", "3.4028235E+38", "1E-45", "-0", "0.1"],
            ElementType.Float64 => ["Infinity", "1.7976931348623157E+308", "5E-324", "-0", "0.1", "NaN"],
            ElementType.Float16 => ["NaN", "65504", "5.9604645E-08", "-Infinity", "0.5", "1"],
            ElementType.BFloat16 => ["NaN", "Infinity", "1", "-2", "0.5", "128"],
            ElementType.Int8 => ["-128", "127", "0", "1", "2", "3"],
            ElementType.Int16 => ["-32768", "32767", "0", "1", "2", "3"],
            ElementType.Int32 => ["-2147483648", "2147483647", "0", "1", "2", "3"],
            ElementType.Int64 => ["-9223372036854775808", "9223372036854775807", "0", "1", "2", "3"],
            ElementType.UInt8 => ["255", "0", "1", "2", "3", "4"],
            ElementType.UInt16 => ["65535", "0", "1", "2", "3", "4"],
            ElementType.UInt32 => ["4294967295", "0", "1", "2", "3", "4"],
            ElementType.UInt64 => ["18446744073709551615", "0", "1", "2", "3", "4"],
            ElementType.Bool => ["true", "false", "false", "true", "true", "true"],
            _ => ["\"\"", "\"caf\\u00e9 \\u65e5\\u672c\"", "\"NaN\"", "\"a \\\"quoted\\\" [NaN, Infinity]\\\\\"", "\"x\"", "\"y\""],
        };
        using var json = JsonTensors.Parse(string.Create(CultureInfo.InvariantCulture, $"[{string.Join(", ", texts.Take(rows * 2))}]"));
        return ElementCodec.Of(type).FromJson([.. json.RootElement.EnumerateArray()], [rows, 2]);
    }
}

public abstract class OpenInferenceServerConformance(OpenInferenceTransport transport) : ServerConformance
{
    // The protocol has -1 for it, without a name.
    protected override string BatchSymbol => "?";

    private protected override async ValueTask<RemoteModelRunner> ConnectAsync(string model, bool compress = false) => await OpenInferenceModelRunner.ConnectAsync(
        new OpenInferenceEndpointOptions
        {
            Endpoint = transport == OpenInferenceTransport.Grpc ? Server.Grpc : Server.Rest,
            Transport = transport,
            Models = [new OpenInferenceModel(model) { Graph = model }],
            Credential = _ => ValueTask.FromResult(RemoteCredential.Bearer(TestServer.Token)),
            Compress = compress,
        },
        Token);
}

public sealed class OpenInferenceGrpcServerTests() : OpenInferenceServerConformance(OpenInferenceTransport.Grpc);

public sealed class OpenInferenceRestServerTests() : OpenInferenceServerConformance(OpenInferenceTransport.Rest);

public sealed class OpenInferenceRestJsonServerTests() : OpenInferenceServerConformance(OpenInferenceTransport.RestJson);

public sealed class TensorFlowServingServerTests : ServerConformance
{
    private protected override async ValueTask<RemoteModelRunner> ConnectAsync(string model, bool compress = false) => await TensorFlowServingModelRunner.ConnectAsync(
        new TensorFlowServingEndpointOptions
        {
            Endpoint = Server.Rest,
            Transport = TensorFlowServingTransport.RestColumns,
            Models = [new TensorFlowServingModel(model) { Graph = model }],
            Credential = _ => ValueTask.FromResult(RemoteCredential.Bearer(TestServer.Token)),
            Compress = compress,
        },
        Token);
}
