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
            inputs[type] = ExtremeTensors.Of(type, rows);
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
}
