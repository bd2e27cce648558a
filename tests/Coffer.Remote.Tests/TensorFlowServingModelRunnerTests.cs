using Coffer.Inference;
using Coffer.Remote.Tests.StandIn;

namespace Coffer.Remote.Tests;

public sealed class TensorFlowServingModelRunnerTests : IAsyncLifetime
{
    private StandInServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await StandInServer.StartAsync(TestModels.All);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(TensorFlowServingTransport.Grpc)]
    [InlineData(TensorFlowServingTransport.RestColumns)]
    public async Task GetStatusAsync_Model_GivesItsVersions(TensorFlowServingTransport transport)
    {
        using var runner = await ConnectAsync(transport, new TensorFlowServingModel("affine"));

        Assert.Equal(
            [new TensorFlowServingVersionStatus(2, "AVAILABLE", ""), new TensorFlowServingVersionStatus(1, "END", "no memory")],
            await runner.GetStatusAsync("model", Token));
        Assert.True(await runner.IsReadyAsync(Token));
    }

    [Theory]
    [InlineData(TensorFlowServingTransport.Grpc)]
    [InlineData(TensorFlowServingTransport.RestColumns)]
    public async Task ClassifyAndRegress_Examples_GiveOneResultEach(TensorFlowServingTransport transport)
    {
        using var runner = await ConnectAsync(transport, new TensorFlowServingModel("affine"));
        TensorFlowExample[] examples = [Example([1, 2.5f], 7, "é"), Example([float.MaxValue, float.MaxValue], -1, "b")];

        var classes = await runner.ClassifyAsync(examples, "model", Token);
        var values = await runner.RegressAsync(examples, "model", Token);

        Assert.Equal([new ClassScore("sum", 0, 3.5f), new ClassScore("é", 1, 7)], classes[0]);
        Assert.Equal([new ClassScore("sum", 0, float.PositiveInfinity), new ClassScore("b", 1, -1)], classes[1]);
        Assert.Equal([3.5f, float.PositiveInfinity], values);
    }

    [Theory]
    [InlineData(TensorFlowServingTransport.Grpc)]
    [InlineData(TensorFlowServingTransport.RestColumns)]
    public async Task ConnectAsync_UnknownModelOrSignature_SaysWhich(TensorFlowServingTransport transport)
    {
        var model = await Assert.ThrowsAsync<RemoteException>(() => ConnectAsync(transport, new TensorFlowServingModel("nothing")));
        var signature = await Assert.ThrowsAsync<RemoteException>(() => ConnectAsync(transport, new TensorFlowServingModel("affine") { SignatureName = "other" }));

        Assert.Equal(RemoteError.NotFound, model.Error);
        Assert.Equal(RemoteError.InvalidReply, signature.Error);
        Assert.Contains("'serving_default'", signature.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, "/v1/models/digits:predict")]
    [InlineData(3L, null, "/v1/models/digits/versions/3:predict")]
    [InlineData(null, "stable", "/v1/models/digits/labels/stable:predict")]
    public async Task RunAsync_VersionOrLabelByRow_AsksForItAndGivesTheLocalNumbers(long? version, string? label, string path)
    {
        using var runner = await ConnectAsync(TensorFlowServingTransport.RestRows, new TensorFlowServingModel("digits") { Version = version, Label = label });
        using var local = TestModels.Digits.Rent("model");
        using var call = runner.Rent("model");
        local.Input<float>("pixel_values", [2, 3, 32, 32]).Fill(0.5f);
        call.Input<float>("pixel_values", [2, 3, 32, 32]).Fill(0.5f);
        local.Run(Token);

        await call.RunAsync(Token);

        Assert.Equal(path, _server.Requests.Last().Path);
        Assert.Equal(local.Output<float>("logits"), call.Output<float>("logits"));
    }

    [Fact]
    public async Task RunAsync_ServerThatSendsBytes_GivesTheSame()
    {
        _server.SendsContent = true;
        using var runner = await ConnectAsync(TensorFlowServingTransport.Grpc, new TensorFlowServingModel("affine"));
        using var call = runner.Rent("model");
        ((float[])[1, 2]).CopyTo(call.Input<float>("x", [1, 2]));
        ((float[])[10, 20]).CopyTo(call.Input<float>("offset", [2]));

        await call.RunAsync(Token);

        Assert.Equal([12f, 24], call.Output<float>("y"));
        Assert.Equal([1L, 2], call.Output<long>("count"));
    }

    private static TensorFlowExample Example(float[] x, long n, string name) => new()
    {
        Floats = new Dictionary<string, IReadOnlyList<float>> { ["x"] = x },
        Integers = new Dictionary<string, IReadOnlyList<long>> { ["n"] = [n] },
        Texts = new Dictionary<string, IReadOnlyList<string>> { ["name"] = [name] },
    };

    private Task<TensorFlowServingModelRunner> ConnectAsync(TensorFlowServingTransport transport, TensorFlowServingModel model) => TensorFlowServingModelRunner.ConnectAsync(
        new TensorFlowServingEndpointOptions { Endpoint = transport == TensorFlowServingTransport.Grpc ? _server.Grpc : _server.Rest, Transport = transport, Models = [model] },
        Token).AsTask();
}
