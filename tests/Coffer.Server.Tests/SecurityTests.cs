using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Coffer.Remote.OpenInference;
using Coffer.Remote.Tests;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Coffer.Server.Tests;

public sealed class SecurityTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer ")]
    [InlineData("Bearer s3cr3t-t0ken-012345678")]
    [InlineData("Bearer s3cr3t-t0ken-01234567890")]
    [InlineData("Basic s3cr3t-t0ken-0123456789")]
    public async Task Request_WithoutTheToken_Is401Everywhere(string? authorization)
    {
        await using var server = await TestServer.WithModelsAsync();
        using var client = new HttpClient { BaseAddress = server.Rest };
        if (authorization is not null)
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
        }

        foreach (var path in (string[])["/v2", "/v2/models/affine", "/v2/models/affine/ready", "/v1/models/affine", "/metrics", "/nothing"])
        {
            using var reply = await client.GetAsync(path, Token);
            Assert.Equal(HttpStatusCode.Unauthorized, reply.StatusCode);
            Assert.Equal("Bearer", reply.Headers.WwwAuthenticate.Single().Scheme);
        }

        foreach (var path in (string[])["/v2/models/affine/infer", "/v1/models/affine:predict", "/v2/repository/index", "/v2/repository/models/affine/unload"])
        {
            using var reply = await client.PostAsync(path, new StringContent("{}"), Token);
            Assert.Equal(HttpStatusCode.Unauthorized, reply.StatusCode);
        }

        Assert.True(server.Server.IsReady);
    }

    [Fact]
    public async Task Health_WithoutAToken_Answers()
    {
        await using var server = await TestServer.WithModelsAsync();
        using var client = new HttpClient { BaseAddress = server.Rest };
        using var channel = GrpcChannel.ForAddress(server.Grpc);

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v2/health/live", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v2/health/ready", Token)).StatusCode);
        Assert.True((await new GRPCInferenceService.GRPCInferenceServiceClient(channel).ServerReadyAsync(new ServerReadyRequest(), cancellationToken: Token)).Ready);
    }

    [Fact]
    public async Task Grpc_WithoutTheToken_IsUnauthenticated()
    {
        await using var server = await TestServer.WithModelsAsync();
        using var channel = GrpcChannel.ForAddress(server.Grpc);
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);

        var exception = await Assert.ThrowsAsync<RpcException>(async () => await client.ModelInferAsync(new ModelInferRequest { ModelName = "affine" }, cancellationToken: Token));

        Assert.Equal(StatusCode.Unauthenticated, exception.StatusCode);
        Assert.Contains("token", exception.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_LargerThanTheLimit_Is413OrResourceExhausted()
    {
        await using var server = await TestServer.WithModelsAsync(TestServer.Options with { MaxRequestBody = 10_000 });
        using var channel = GrpcChannel.ForAddress(server.Grpc);
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        var large = new ModelInferRequest { ModelName = "affine", RawInputContents = { ByteString.CopyFrom(new byte[20_000]) } };

        var (status, body) = await server.PostAsync("/v2/models/affine/infer", new string(' ', 20_000));
        var exception = await Assert.ThrowsAsync<RpcException>(async () => await client.ModelInferAsync(large, Authorized(), cancellationToken: Token));

        Assert.Equal(413, status);
        Assert.Contains("BodyTooLarge", body, StringComparison.Ordinal);
        Assert.Equal(StatusCode.ResourceExhausted, exception.StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Body_ThatInflatesBeyondTheLimit_IsRefused(bool isGrpc)
    {
        await using var server = await TestServer.WithModelsAsync(TestServer.Options with { MaxRequestBody = 100_000 });
        if (isGrpc)
        {
            using var channel = GrpcChannel.ForAddress(server.Grpc);
            var bomb = new ModelInferRequest { ModelName = "affine", RawInputContents = { ByteString.CopyFrom(new byte[10_000_000]) } };
            var headers = Authorized();
            headers.Add("grpc-internal-encoding-request", "gzip");

            var exception = await Assert.ThrowsAsync<RpcException>(async () => await new GRPCInferenceService.GRPCInferenceServiceClient(channel).ModelInferAsync(bomb, headers, cancellationToken: Token));

            Assert.Equal(StatusCode.ResourceExhausted, exception.StatusCode);
            return;
        }

        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Encoding.ASCII.GetBytes(new string(' ', 10_000_000)));
        }

        using var content = new ByteArrayContent(packed.ToArray());
        content.Headers.ContentEncoding.Add("gzip");
        using var reply = await server.Client.PostAsync("/v2/models/affine/infer", content, Token);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, reply.StatusCode);
    }

    [Fact]
    public async Task Tls_ClientCertificateOfTheRoots_NeedsNoToken()
    {
        using var authority = new TestAuthority();
        using var stranger = new TestAuthority();
        using var certificate = authority.Issue(expired: false);
        using var known = authority.Issue(expired: false);
        using var unknown = stranger.Issue(expired: false);
        await using var server = await TestServer.WithModelsAsync(TestServer.Options with { Certificate = certificate, ClientRoots = authority.Roots });
        var address = new UriBuilder(server.Rest) { Host = "localhost", Path = "/v2" }.Uri;

        Assert.Equal("https", server.Rest.Scheme);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(known));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(null));
        await Assert.ThrowsAsync<HttpRequestException>(() => StatusAsync(unknown));

        async Task<HttpStatusCode> StatusAsync(X509Certificate2? client)
        {
            using var handler = new SocketsHttpHandler();
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(authority.Roots);
            handler.SslOptions.ClientCertificates = client is null ? [] : [client];
            using var http = new HttpClient(handler);
            return (await http.GetAsync(address, Token)).StatusCode;
        }
    }

    [Fact]
    public void Validate_OptionsThatLeaveItOpenOrClosed_SayWhichSwitchMeansThat()
    {
        var options = new ServerOptions { Port = 0, GrpcPort = 0 };

        Assert.Contains("AllowAnonymous", Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
        Assert.Contains("AllowUnencrypted", Assert.Throws<ArgumentException>((TestServer.Options with { Address = IPAddress.Any }).Validate).Message, StringComparison.Ordinal);
        Assert.Contains("Certificate", Assert.Throws<ArgumentException>((TestServer.Options with { ClientRoots = [] }).Validate).Message, StringComparison.Ordinal);
        (options with { AllowAnonymous = true }).Validate();
        (TestServer.Options with { Address = IPAddress.Any, AllowUnencrypted = true }).Validate();
    }

    [Theory]
    [InlineData("short")]
    [InlineData("with a space in it, long")]
    [InlineData("ümlaut-ümlaut-ümlaut")]
    public void Parse_TextThatIsNoToken_Throws(string text) => Assert.Throws<ArgumentException>(() => BearerToken.Parse(text));

    [Fact]
    public void Load_File_TakesATokenALineAndPrintsNone()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("tokens"), "# the old one\nold-token-0123456789\n\nnew-token-0123456789\n");

        var tokens = BearerToken.Load(folder.File("tokens"));

        Assert.Equal(2, tokens.Count);
        Assert.True(tokens[1].Matches(SHA256.HashData("new-token-0123456789"u8)));
        Assert.False(tokens[0].Matches(SHA256.HashData("new-token-0123456789"u8)));
        Assert.All(tokens, token => Assert.DoesNotContain("0123456789", token.ToString(), StringComparison.Ordinal));
        Assert.DoesNotContain("0123456789", (TestServer.Options with { Tokens = tokens }).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Log_RefusedAndServedRequests_HoldNoToken()
    {
        await using var server = await TestServer.WithModelsAsync();

        await server.PostAsync("/v2/models/affine/infer", "{");
        await server.GetAsync("/v2/models/nothing");

        Assert.NotEmpty(server.Log.Text);
        Assert.DoesNotContain(TestServer.Token, server.Log.Text, StringComparison.Ordinal);
    }

    private static Metadata Authorized() => new() { { "authorization", $"Bearer {TestServer.Token}" } };
}
