using System.Buffers.Binary;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Coffer.Remote.Tests;

namespace Coffer.Server.Tests;

/// <summary>What a client of the protocol sees that is not ours: the protocol's own JSON, and its errors.</summary>
public sealed class OpenInferenceRoutesTests
{
    private const string Affine = """{"id": "42", "inputs": [{"name": "x", "shape": [2, 2], "datatype": "FP32", "data": [[1, 2], [3, 4]]}, {"name": "offset", "shape": [2], "datatype": "FP32", "data": [10, 20]}]}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Infer_JsonWithNestedData_AnswersAllOutputsInJson()
    {
        await using var server = await TestServer.WithModelsAsync();

        var (status, body) = await server.PostAsync("/v2/models/affine/infer", Affine);

        Assert.Equal(200, status);
        Assert.Equal(
            """{"model_name":"affine","model_version":"1.2.0","id":"42","outputs":[{"name":"y","datatype":"FP32","shape":[2,2],"data":[12,24,16,28]},{"name":"count","datatype":"INT64","shape":[2],"data":[2,2]}]}""",
            body);
    }

    [Theory]
    [InlineData(""" "parameters": {"binary_data_output": true}, "outputs": [{"name": "y"}], """)]
    [InlineData(""" "outputs": [{"name": "y", "parameters": {"binary_data": true}}], """)]
    public async Task Infer_BinaryInBinaryOut_AnswersBytesBehindTheJson(string wants)
    {
        await using var server = await TestServer.WithModelsAsync();
        var head = Encoding.UTF8.GetBytes($$$"""{ {{{wants}}} "inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP32", "parameters": {"binary_data_size": 8}}, {"name": "offset", "shape": [2], "datatype": "FP32", "data": [10, 20]}]}""");
        byte[] raw = [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40];
        using var content = new ByteArrayContent([.. head, .. raw]);
        content.Headers.Add("Inference-Header-Content-Length", head.Length.ToString(CultureInfo.InvariantCulture));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");

        using var reply = await server.Client.PostAsync("/v2/models/affine/versions/1.2.0/infer", content, Token);

        var body = await reply.Content.ReadAsByteArrayAsync(Token);
        Assert.True(reply.IsSuccessStatusCode, Encoding.UTF8.GetString(body));
        var length = int.Parse(reply.Headers.GetValues("Inference-Header-Content-Length").Single(), CultureInfo.InvariantCulture);
        using var json = JsonDocument.Parse(body.AsMemory(0, length));
        var output = Assert.Single(json.RootElement.GetProperty("outputs").EnumerateArray());
        Assert.Equal(8, output.GetProperty("parameters").GetProperty("binary_data_size").GetInt32());
        Assert.Equal(12f, BinaryPrimitives.ReadSingleLittleEndian(body.AsSpan(length)));
        Assert.Equal(24f, BinaryPrimitives.ReadSingleLittleEndian(body.AsSpan(length + 4)));
        Assert.Equal(length + 8, body.Length);
    }

    [Theory]
    [InlineData("{", "JSON")]
    [InlineData("[]", "StartArray")]
    [InlineData("{}", "Input 'x float32")]
    [InlineData("""{"inputs": [{"name": "z", "shape": [2], "datatype": "FP32", "data": [1, 2]}]}""", "no input 'z'")]
    [InlineData("""{"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP64", "data": [1, 2]}]}""", "input 'x' is of type")]
    [InlineData("""{"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP32", "data": [1, 2, 3]}]}""", "has 3 elements")]
    [InlineData("""{"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP32", "data": [1, "two"]}]}""", "input 'x'|text")]
    [InlineData("""{"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP32", "data": [1, [2]]}]}""", "different depths")]
    [InlineData("""{"inputs": [{"name": "x", "shape": [-1, 2], "datatype": "FP32", "data": []}]}""", "shape")]
    [InlineData("""{"inputs": [{"name": "x", "shape": [4000000000, 4000000000], "datatype": "FP32", "data": [1]}]}""", "shape")]
    [InlineData("""{"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP32"}]}""", "no data")]
    [InlineData("""{"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP32", "parameters": {"binary_data_size": 8}}]}""", "8 bytes")]
    [InlineData("""{"inputs": [{"name": "x", "shape": [1, 3], "datatype": "FP32", "data": [1, 2, 3]}, {"name": "offset", "shape": [2], "datatype": "FP32", "data": [1, 2]}]}""", "[batch, 2]")]
    [InlineData("""{"inputs": [{"name": "offset", "shape": [2], "datatype": "FP32", "data": [1, 2]}, {"name": "offset", "shape": [2], "datatype": "FP32", "data": [1, 2]}]}""", "twice")]
    [InlineData("""{"outputs": [{"name": "z"}], "inputs": []}""", "no output 'z'")]
    [InlineData("""{"inputs": [{"name": "\ud800", "shape": [2], "datatype": "FP32", "data": [1, 2]}]}""", "not Unicode")]
    public async Task Infer_RequestThatIsWrong_Is400AndSaysWhatIsWrong(string body, string named)
    {
        await using var server = await TestServer.WithModelsAsync();

        var (status, reply) = await server.PostAsync("/v2/models/affine/infer", body);

        Assert.True(status == 400, $"{status}: {reply}");
        using var json = JsonDocument.Parse(reply);
        Assert.Matches(string.Join('|', named.Split('|').Select(System.Text.RegularExpressions.Regex.Escape)), json.RootElement.GetProperty("error").GetString());
        Assert.DoesNotContain("   at ", reply, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v2/models/nothing/infer", "'nothing'")]
    [InlineData("/v2/models/affine/versions/9.9.9/infer", "'9.9.9'")]
    [InlineData("/v3/anything", "no such address")]
    public async Task Post_UnknownPlace_Is404(string path, string named)
    {
        await using var server = await TestServer.WithModelsAsync();

        var (status, body) = await server.PostAsync(path, Affine);

        Assert.Equal(404, status);
        Assert.Contains(named, JsonDocument.Parse(body).RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_ServerAndModel_SayWhatTheyAre()
    {
        await using var server = await TestServer.WithModelsAsync();

        Assert.Contains("\"binary_tensor_data\"", (await server.GetAsync("/v2")).Body, StringComparison.Ordinal);
        Assert.Equal((200, """{"live":true}"""), await server.GetAsync("/v2/health/live"));
        Assert.Equal((200, """{"ready":true}"""), await server.GetAsync("/v2/health/ready"));
        Assert.Equal((200, """{"name":"affine","ready":true}"""), await server.GetAsync("/v2/models/affine/versions/1.2.0/ready"));
        Assert.Equal(
            (200, """{"name":"affine","versions":["1.2.0"],"platform":"onnxruntime_onnx","inputs":[{"name":"x","datatype":"FP32","shape":[-1,2]},{"name":"offset","datatype":"FP32","shape":[2]}],"outputs":[{"name":"y","datatype":"FP32","shape":[-1,2]},{"name":"count","datatype":"INT64","shape":[2]}]}"""),
            await server.GetAsync("/v2/models/affine"));
    }

    [Fact]
    public async Task Infer_NoVersion_RunsTheNewest()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddAsync(TestModels.Affine, "1.9.0", 1);
        await server.AddAsync(TestModels.Affine, "1.10.0", 2);

        var (_, newest) = await server.PostAsync("/v2/models/affine/infer", Affine);
        var (_, older) = await server.PostAsync("/v2/models/affine/versions/1.9.0/infer", Affine);

        Assert.Contains("\"1.10.0\"", newest, StringComparison.Ordinal);
        Assert.Contains("\"1.9.0\"", older, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Infer_AnyBytes_AreNeverAFault()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage("seed {0}", seed);
        var random = new Random(seed);
        await using var server = await TestServer.WithModelsAsync();
        var right = Encoding.UTF8.GetBytes(Affine);
        for (var i = 0; i < 400; i++)
        {
            var body = right.ToArray();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
            {
                body[random.Next(body.Length)] = (byte)random.Next(256);
            }

            using var content = new ByteArrayContent(body, 0, random.Next(4) == 0 ? random.Next(body.Length) : body.Length);
            if (random.Next(3) == 0)
            {
                content.Headers.Add("Inference-Header-Content-Length", random.Next(-2, body.Length + 2).ToString(CultureInfo.InvariantCulture));
            }

            using var reply = await server.Client.PostAsync("/v2/models/affine/infer", content, Token);

            Assert.True((int)reply.StatusCode is 200 or 400, $"seed {seed}, {(int)reply.StatusCode}: {Encoding.UTF8.GetString(body)}");
        }
    }
}
