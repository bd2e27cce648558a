using Coffer.Inference;
using Coffer.Remote.Tests.StandIn;
using Microsoft.AspNetCore.Http;

namespace Coffer.Remote.Tests;

/// <summary>What the clouds' gateways do in their own ways.</summary>
public sealed class CloudFailureTests : IAsyncLifetime
{
    private StandInServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await StandInServer.StartAsync(TestModels.All);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(503, RemoteError.Unavailable, true)]
    [InlineData(500, RemoteError.ModelFailed, false)]
    [InlineData(400, RemoteError.InvalidRequest, false)]
    public async Task SageMaker_ModelError_IsUnwrapped(int status, RemoteError error, bool isTransient)
    {
        Answer(424, $$"""{"ErrorCode": "CLIENT_ERROR_FROM_MODEL", "LogStreamArn": "arn:aws:logs", "Message": "Received error from model", "OriginalMessage": "the model's own words", "OriginalStatusCode": {{status}}}""", ("x-amzn-RequestId", "r-1"));

        var exception = await FailAsync(SageMaker());

        Assert.Equal(error, exception.Error);
        Assert.Equal(isTransient, exception.IsTransient);
        Assert.Equal(status, exception.HttpStatus);
        Assert.Equal("r-1", exception.RequestId);
        Assert.Contains("the model's own words", exception.Message, StringComparison.Ordinal);
        Assert.Contains("424", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"OriginalStatusCode": "many"}""")]
    [InlineData("""{"OriginalStatusCode": 200}""")]
    [InlineData("""{"OriginalStat""")]
    public async Task SageMaker_ModelErrorWithoutAStatus_IsAModelsFailure(string body)
    {
        Answer(424, body);

        var exception = await FailAsync(SageMaker());

        Assert.Equal(RemoteError.ModelFailed, exception.Error);
        Assert.Equal(424, exception.HttpStatus);
    }

    [Theory]
    [InlineData(400, "ThrottlingException:http://internal.amazon.com/coral/", RemoteError.Throttled)]
    [InlineData(429, "ModelNotReadyException", RemoteError.Throttled)]
    [InlineData(403, "ExpiredTokenException", RemoteError.Unauthenticated)]
    [InlineData(403, "InvalidSignatureException", RemoteError.Unauthenticated)]
    [InlineData(403, "AccessDeniedException", RemoteError.Forbidden)]
    [InlineData(400, "ValidationError", RemoteError.InvalidRequest)]
    public async Task SageMaker_ErrorOfName_BecomesItsError(int status, string name, RemoteError error)
    {
        Answer(status, """{"message": "no"}""", ("x-amzn-ErrorType", name));

        Assert.Equal(error, (await FailAsync(SageMaker())).Error);
    }

    [Theory]
    [InlineData("503", RemoteError.Unavailable)]
    [InlineData("400", RemoteError.InvalidRequest)]
    [InlineData("nothing", RemoteError.ModelFailed)]
    public async Task AzureML_ModelError_IsUnwrapped(string status, RemoteError error)
    {
        Answer(424, "the model's own words", ("ms-azureml-model-error-statuscode", status), ("x-ms-request-id", "r-2"));
        using var runner = AzureMLModelRunner.Create(new AzureMLEndpointOptions { Endpoint = new Uri(_server.Rest, "azure/affine/score"), Signature = TestModels.Signature(TestModels.Affine), Deployment = "green" });

        var exception = await FailAsync(runner);

        Assert.Equal(error, exception.Error);
        Assert.Equal("r-2", exception.RequestId);
        Assert.Contains("the model's own words", exception.Message, StringComparison.Ordinal);
        Assert.Equal("green", _server.Requests.Last().Headers["azureml-model-deployment"]);
    }

    [Fact]
    public async Task VertexAI_Predict_GoesRowByRowAndGivesTheLocalNumbers()
    {
        using var parameters = System.Text.Json.JsonDocument.Parse("""{"top_k": 3}""");
        using var runner = VertexAIModelRunner.Create(new VertexAIEndpointOptions
        {
            Endpoint = new Uri(_server.Rest, "v1/projects/p/locations/l/endpoints/digits"),
            Signature = TestModels.Signature(TestModels.All["digits"]),
            Parameters = parameters.RootElement,
        });
        using var local = TestModels.Digits.Rent("model");
        using var call = runner.Rent("digits");
        local.Input<float>("pixel_values", [3, 3, 32, 32]).Fill(0.25f);
        call.Input<float>("pixel_values", [3, 3, 32, 32]).Fill(0.25f);
        local.Run(Token);

        await call.RunAsync(Token);

        Assert.Equal([3L, 10], call.OutputShape("logits"));
        Assert.Equal(local.Output<float>("logits"), call.Output<float>("logits"));
    }

    [Fact]
    public async Task VertexAI_InputsOfDifferentRows_AreRefusedBeforeSending()
    {
        using var runner = VertexAIModelRunner.Create(new VertexAIEndpointOptions { Endpoint = new Uri(_server.Rest, "v1/projects/p/locations/l/endpoints/affine"), Signature = TestModels.Signature(TestModels.Affine) });
        using var call = runner.Rent("affine");
        call.Input<float>("x", [3, 2]).Fill(1);
        call.Input<float>("offset", [2]).Fill(1);

        var exception = await Assert.ThrowsAsync<InferenceException>(async () => await call.RunAsync(Token));

        Assert.Equal(InferenceError.NotCapable, exception.Error);
        Assert.Contains("columns", exception.Message, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task RunAsync_LimitOnTheBodyAsItIsWritten_LetsSmallNumbersPass()
    {
        var signature = TestModels.Signature(TestModels.Types);
        using var runner = AzureMLModelRunner.Create(new AzureMLEndpointOptions
        {
            Endpoint = new Uri(_server.Rest, "azure/long/score"),
            Signature = signature with { Graph = "long", Inputs = [signature.Inputs.Single(input => input.ElementType == ElementType.Int64)] },
            MaxPayload = 2000,
        });
        using var call = runner.Rent("long");
        _server.Fault = context =>
        {
            context.Response.StatusCode = 503;
            return Task.FromResult(true);
        };

        // 6,400 bytes in memory, some 1,700 as JSON.
        call.Input<long>("in_Int64", [400, 2]).Clear();
        Assert.Equal(RemoteError.Unavailable, (await Assert.ThrowsAsync<RemoteException>(async () => await call.RunAsync(Token))).Error);
        call.Input<long>("in_Int64", [400, 2]).Fill(1_000_000);
        Assert.Equal(RemoteError.PayloadTooLarge, (await Assert.ThrowsAsync<RemoteException>(async () => await call.RunAsync(Token))).Error);

        Assert.Single(_server.Requests);
    }

    [Fact]
    public void Defaults_PayloadLimits_AreTheProviders()
    {
        var signature = TestModels.Signature(TestModels.Affine);
        using var vertex = VertexAIModelRunner.Create(new VertexAIEndpointOptions { Endpoint = new Uri("https://host/v1/projects/p/locations/l/endpoints/e"), Signature = signature });
        using var azure = AzureMLModelRunner.Create(new AzureMLEndpointOptions { Endpoint = new Uri("https://host/score"), Signature = signature });

        Assert.Equal(6_000_000, SageMaker().Describe("affine").Capabilities.MaxPayload);
        Assert.Equal(1_500_000, vertex.Describe("affine").Capabilities.MaxPayload);
        Assert.Equal(10_000_000, azure.Describe("affine").Capabilities.MaxPayload);
    }

    [Fact]
    public void ToString_Credentials_HoldNoSecret()
    {
        Assert.Equal("RemoteCredential (redacted)", RemoteCredential.Bearer("secret").ToString());
        Assert.Equal("RemoteCredential (redacted)", RemoteCredential.Basic("user", "secret").ToString());
        Assert.Equal("AwsCredential (redacted)", new AwsCredential("id", "secret", "token").ToString());
        Assert.DoesNotContain("abcdef", Assert.Throws<ArgumentException>(() => RemoteCredential.ApiKey("api-key", "abcdef\n")).Message, StringComparison.Ordinal);
    }

    private SageMakerModelRunner SageMaker() => SageMakerModelRunner.Create(new SageMakerEndpointOptions
    {
        Endpoint = _server.Rest,
        EndpointName = "affine",
        Region = "eu-central-1",
        AwsCredential = _ => ValueTask.FromResult(new AwsCredential("AKIDEXAMPLE", "secret")),
        Signature = TestModels.Signature(TestModels.Affine),
    });

    private void Answer(int status, string body, params (string Name, string Value)[] headers) => _server.Fault = async context =>
    {
        context.Response.StatusCode = status;
        foreach (var (name, value) in headers)
        {
            context.Response.Headers[name] = value;
        }

        await context.Response.WriteAsync(body);
        return true;
    };

    private static async Task<RemoteException> FailAsync(RemoteModelRunner runner)
    {
        using (runner)
        {
            using var call = runner.Rent("affine");
            call.Input<float>("x", [1, 2]).Fill(1);
            call.Input<float>("offset", [2]).Fill(1);
            return await Assert.ThrowsAsync<RemoteException>(async () => await call.RunAsync(Token));
        }
    }
}
