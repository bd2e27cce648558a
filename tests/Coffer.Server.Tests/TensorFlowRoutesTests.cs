using System.Text.Json;
using Coffer.Inference;
using Coffer.Tensors;
using Coffer.Testing;

namespace Coffer.Server.Tests;

public sealed class TensorFlowRoutesTests
{
    private static FakeGraph Double { get; } = new(
        "double",
        [new("x", ElementType.Float32, [new(null, "batch"), new(2)])],
        [new("y", ElementType.Float32, [new(null, "batch"), new(2)])],
        inputs => new Dictionary<string, Tensor> { ["y"] = Tensor.Create(inputs["x"].AsSpan<float>().ToArray().Select(x => 2 * x).ToArray(), inputs["x"].Shape) });

    private static FakeGraph Texts { get; } = new(
        "texts",
        [new("text_bytes", ElementType.String, [new(null, "batch")])],
        [new("echo_bytes", ElementType.String, [new(null, "batch")]), new("length", ElementType.Int32, [new(null, "batch")])],
        inputs => new Dictionary<string, Tensor>
        {
            ["echo_bytes"] = inputs["text_bytes"],
            ["length"] = Tensor.Create(inputs["text_bytes"].AsSpan<string>().ToArray().Select(text => text.Length).ToArray(), inputs["text_bytes"].Shape),
        });

    [Theory]
    [InlineData("/v1/models/double:predict", """{"instances": [[1, 2], [3, 4]]}""", """{"predictions":[[2,4],[6,8]]}""")]
    [InlineData("/v1/models/double:predict", """{"instances": [{"x": [1, 2]}]}""", """{"predictions":[[2,4]]}""")]
    [InlineData("/v1/models/double/versions/7:predict", """{"signature_name": "serving_default", "inputs": [[1, 2]]}""", """{"outputs":[[2,4]]}""")]
    [InlineData("/v1/models/double/labels/1.2.0:predict", """{"inputs": {"x": [[1, NaN]]}}""", """{"outputs":[[2,NaN]]}""")]
    [InlineData("/v1/models/double:predict", """{"instances": []}""", """{"predictions":[]}""")]
    [InlineData("/v1/models/texts:predict", """{"instances": [{"b64": "aGVsbG8="}, "you"]}""", """{"predictions":[{"echo_bytes":{"b64":"aGVsbG8="},"length":5},{"echo_bytes":{"b64":"eW91"},"length":3}]}""")]
    [InlineData("/v1/models/texts:predict", """{"inputs": {"text_bytes": [{"b64": "aGVsbG8="}]}}""", """{"outputs":{"echo_bytes":[{"b64":"aGVsbG8="}],"length":[5]}}""")]
    public async Task Predict_RowsOrColumns_AnswersInKind(string path, string body, string expected)
    {
        await using var server = await StartAsync();

        Assert.Equal((200, expected), await server.PostAsync(path, body));
    }

    [Theory]
    [InlineData(400, "/v1/models/double:predict", """{"instances": [[1, 2]], "inputs": [[1, 2]]}""", "both")]
    [InlineData(400, "/v1/models/double:predict", "{}", "neither")]
    [InlineData(400, "/v1/models/double:predict", """{"instances": [[1, 2], [3]]}""", "rows")]
    [InlineData(400, "/v1/models/double:predict", """{"instances": [[1, 2], {"z": [1]}]}""", "'z'")]
    [InlineData(400, "/v1/models/affine:predict", """{"instances": [{"x": [1, 2], "offset": [1, 2]}, {"x": [1, 2]}]}""", "offset")]
    [InlineData(400, "/v1/models/affine:predict", """{"inputs": [[1, 2]]}""", "several inputs")]
    [InlineData(400, "/v1/models/affine:predict", """{"instances": [{"x": [1, 2], "offset": [1, 2]}]}""", "offset")]
    [InlineData(404, "/v1/models/double:predict", """{"signature_name": "other", "inputs": [[1, 2]]}""", "serving_default")]
    [InlineData(404, "/v1/models/double:classify", "{}", ":predict")]
    [InlineData(404, "/v1/models/double/versions/8:predict", "{}", "'8'")]
    [InlineData(404, "/v1/models/nothing:predict", "{}", "'nothing'")]
    public async Task Predict_RequestThatIsWrong_SaysWhatIsWrong(int status, string path, string body, string named)
    {
        await using var server = await StartAsync();

        var reply = await server.PostAsync(path, body);

        Assert.True(status == reply.Status, reply.Body);
        Assert.Contains(named, JsonDocument.Parse(reply.Body).RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_Status_SaysTheVersionsState()
    {
        await using var server = await StartAsync();

        const string expected = """{"model_version_status":[{"version":"7","state":"AVAILABLE","status":{"error_code":"OK","error_message":""}}]}""";
        Assert.Equal((200, expected), await server.GetAsync("/v1/models/double"));
        Assert.Equal((200, expected), await server.GetAsync("/v1/models/double/versions/7"));
        Assert.Equal((200, expected), await server.GetAsync("/v1/models/double/labels/1.2.0"));
        Assert.Equal(404, (await server.GetAsync("/v1/models/double/versions/1")).Status);
    }

    private static async Task<TestServer> StartAsync()
    {
        var server = await TestServer.WithModelsAsync();
        await server.AddAsync(Double);
        await server.AddAsync(Texts);
        return server;
    }
}
