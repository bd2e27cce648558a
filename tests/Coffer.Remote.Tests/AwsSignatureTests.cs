using Amazon.Runtime.Internal.Auth;

namespace Coffer.Remote.Tests;

/// <summary>Signature Version 4 against AWS's published vectors and against AWSSDK.Core's own signer.</summary>
public sealed class AwsSignatureTests
{
    private const string EmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private static readonly AwsCredential Example = new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");

    private static readonly DateTimeOffset Time = new(2015, 8, 30, 12, 36, 0, TimeSpan.Zero);

    [Theory]
    // AWS's Signature Version 4 test suite: get-vanilla, post-vanilla, get-vanilla-query-order-key-case.
    [InlineData("GET", "https://example.amazonaws.com/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("POST", "https://example.amazonaws.com/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    [InlineData("GET", "https://example.amazonaws.com/?Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    public void Authorization_PublishedVector_IsEqual(string method, string address, string signature)
    {
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["host"] = "example.amazonaws.com", ["x-amz-date"] = AwsSignature.Timestamp(Time) };

        var authorization = AwsSignature.Authorization(method, new Uri(address), headers, EmptyHash, Time, "us-east-1", "service", Example);

        Assert.Equal($"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature={signature}", authorization);
    }

    [Fact]
    public void Authorization_DocumentedExample_IsEqual()
    {
        // The IAM User Guide's worked example: ListUsers.
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["content-type"] = "application/x-www-form-urlencoded; charset=utf-8",
            ["host"] = "iam.amazonaws.com",
            ["x-amz-date"] = "20150830T123600Z",
        };

        var authorization = AwsSignature.Authorization("GET", new Uri("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"), headers, EmptyHash, Time, "us-east-1", "iam", Example);

        Assert.EndsWith("Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7", authorization, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("digits", null)]
    [InlineData("digits", "a-session-token/with+signs==")]
    [InlineData("name with spaces äöü", "t")]
    public async Task Handler_Request_IsSignedAsAwsSdkSignsIt(string endpointName, string? sessionToken)
    {
        var captured = new CapturingHandler();
        var affine = TestModels.Signature(TestModels.Affine);
        var options = new SageMakerEndpointOptions
        {
            Endpoint = new Uri("https://runtime.sagemaker.eu-central-1.amazonaws.com"),
            EndpointName = endpointName,
            Region = "eu-central-1",
            AwsCredential = _ => ValueTask.FromResult(new AwsCredential("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", sessionToken)),
            Signature = affine,
            TargetVariant = "blue",
            TargetModel = "digits.tar.gz",
            InferenceComponent = "component",
            Handler = captured,
        };
        using var runner = SageMakerModelRunner.Create(options);
        using var call = runner.Rent("affine");
        call.Input<float>("x", [1, 2]).Fill(1);
        call.Input<float>("offset", [2]).Fill(1);
        await Assert.ThrowsAnyAsync<CofferException>(async () => await call.RunAsync(TestContext.Current.CancellationToken));

        var headers = captured.Headers;
        Assert.Equal("blue", headers["X-Amzn-SageMaker-Target-Variant"]);
        Assert.Equal("digits.tar.gz", headers["X-Amzn-SageMaker-Target-Model"]);
        Assert.Equal("component", headers["X-Amzn-SageMaker-Inference-Component"]);
        Assert.Equal(sessionToken, headers.GetValueOrDefault("X-Amz-Security-Token"));
        Assert.Equal(SdkSignature(captured), Signature(headers["Authorization"]));
    }

    /// <summary>The request as AWSSDK.Core signs it, over the headers that ours says it signed.</summary>
    private static string SdkSignature(CapturingHandler captured)
    {
        var authorization = captured.Headers["Authorization"];
        var signed = authorization.Split("SignedHeaders=")[1].Split(',')[0].Split(';');
        var date = DateTime.ParseExact(captured.Headers["X-Amz-Date"], "yyyyMMdd'T'HHmmss'Z'", System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AdjustToUniversal | System.Globalization.DateTimeStyles.AssumeUniversal);
        var headers = signed.ToDictionary(name => name, name => name == "host" ? captured.Address!.Authority : captured.Headers.First(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase)).Value);
        var canonical = new List<string> { "POST", AmazonPath(captured.Address!), "" };
        canonical.AddRange(headers.OrderBy(header => header.Key, StringComparer.Ordinal).Select(header => $"{header.Key}:{header.Value}"));
        canonical.AddRange(["", string.Join(';', signed.Order(StringComparer.Ordinal)), Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(captured.Body))]);
        var result = AWS4Signer.ComputeSignature("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "eu-central-1", date, "sagemaker", string.Join(';', signed), string.Join('\n', canonical), null);
        return result.Signature;
    }

    /// <summary>The path as AWSSDK.Core makes it canonical.</summary>
    private static string AmazonPath(Uri address) => Amazon.Util.AWSSDKUtils.CanonicalizeResourcePathV2(new Uri($"{address.Scheme}://{address.Authority}"), Uri.UnescapeDataString(address.AbsolutePath), encode: true, pathResources: null);

    private static string Signature(string authorization) => authorization.Split("Signature=")[1];

    private sealed class CapturingHandler : HttpMessageHandler
    {
        public Uri? Address { get; private set; }

        public byte[] Body { get; private set; } = [];

        public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Address = request.RequestUri;
            Body = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
            foreach (var (name, values) in request.Headers.Concat(request.Content.Headers))
            {
                Headers[name] = string.Join(',', values);
            }

            return new HttpResponseMessage(System.Net.HttpStatusCode.ServiceUnavailable);
        }
    }
}
