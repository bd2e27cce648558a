using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Coffer.Bundles;
using Coffer.Corpus;
using Microsoft.Extensions.Time.Testing;

namespace Coffer.Tests.Corpus;

/// <summary>
/// The published corpus, tests/vectors/bundles, by its own index and README: every file is accepted, or refused with the error that the index
/// names. And the program that wrote it writes the same bytes again.
/// </summary>
public sealed class CorpusTests
{
    private static readonly string Folder = Repository.File("tests", "vectors", "bundles");
    private static readonly JsonObject Index = JsonNode.Parse(System.IO.File.ReadAllBytes(File("corpus.json")))!.AsObject();
    private static readonly DateTimeOffset Now = DateTimeOffset.Parse((string)Index["clock"]!, System.Globalization.CultureInfo.InvariantCulture);
    private static readonly string Audience = (string)Index["audience"]!;

    [Fact]
    public void Verify_EveryBundle_GivesItsError() => AssertAll("bundles", minimum: 150, file =>
    {
        using var signed = SignedBundle.FromMemory(Bundle(file));
        using var verified = signed.Verify(Trust(), new VerificationOptions { Clock = new FakeTimeProvider(Now) });
        verified.VerifyParts(cancellationToken: TestContext.Current.CancellationToken);
        foreach (var part in verified.Manifest.Parts)
        {
            using var key = CorpusContentKeys.Open(verified.Manifest.KeyIds[part.Group]);
            verified.Decrypt(part.Name, key, TestContext.Current.CancellationToken).Dispose();
        }
    });

    [Fact]
    public void Authorize_EveryLicense_GivesItsError()
    {
        using var signed = SignedBundle.FromMemory(Bundle("bundles/valid.coffer"));
        using var verified = signed.Verify(Trust(), new VerificationOptions { Clock = new FakeTimeProvider(Now) });
        AssertAll("licenses", minimum: 100, file =>
        {
            var license = License.Load(File(file)).Verify(Trust());
            using var entitlement = license.Authorize(verified, CorpusDevice.Device, new AuthorizationOptions { Clock = new FakeTimeProvider(Now), Audience = Audience });
            using var keys = entitlement.UnwrapKeys(CorpusDevice.Device);
            foreach (var group in verified.Manifest.KeyIds.Keys)
            {
                using var expected = CorpusContentKeys.Open(verified.Manifest.KeyIds[group]);
                Assert.Equal(expected.Bytes, keys[group].Bytes);
            }
        });
    }

    [Fact]
    public void Open_EveryGrant_GivesItsError() => AssertAll("grants", minimum: 10, file =>
        KeyGrant.Load(File(file), JsonWebKey.Parse(System.IO.File.ReadAllBytes(File("trust/publisher.jwk")))).Open(CorpusDevice.Issuer).Dispose());

    [Fact]
    public void Write_Again_GivesTheSameBytes()
    {
        using var folder = new TemporaryFolder();

        CorpusWriter.Write(folder.Path);

        string[] written = Files(folder.Path);
        Assert.Equal(Files(Folder).Where(file => file != "README.md"), written);
        Assert.All(written, file => Assert.True(System.IO.File.ReadAllBytes(File(file)).AsSpan().SequenceEqual(System.IO.File.ReadAllBytes(folder.File(file))), file));
    }

    // RFC 6979 A.2.5, with the lower s where the RFC's is the higher.
    [Theory]
    [InlineData("sample", "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716", "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8")]
    [InlineData("test", "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367", "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083")]
    public void SignHash_Rfc6979Example_GivesItsSignature(string message, string r, string s)
    {
        var scalar = System.Numerics.BigInteger.Parse("0C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721", System.Globalization.NumberStyles.HexNumber, null);
        using var key = new DeterministicEcdsa(scalar);
        var expected = Convert.FromHexString(r + s);
        EcdsaLowS.Normalise(expected, P256.KeySize);

        var signature = key.SignHash(SHA256.HashData(Encoding.ASCII.GetBytes(message)));

        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(signature));
        Assert.Equal("60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6", Convert.ToHexString(key.ExportParameters(includePrivateParameters: false).Q.X!));
        Assert.True(key.VerifyHash(SHA256.HashData(Encoding.ASCII.GetBytes(message)), signature));
    }

    private static void AssertAll(string kind, int minimum, Action<string> use)
    {
        var wrong = new List<string>();
        var vectors = Index[kind]!.AsArray();
        foreach (var vector in vectors)
        {
            var file = (string)vector!["file"]!;
            var expected = $"{(string?)vector["error"] ?? "accepted"} {(string?)vector["section"]}".TrimEnd();
            var actual = Outcome(() => use(file));
            if (!actual.StartsWith(expected, StringComparison.Ordinal) || actual.Length != expected.Length)
            {
                wrong.Add($"{file}: {actual}, not {expected}");
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{vectors.Count} {kind}.");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(vectors.Count >= minimum, $"{vectors.Count} {kind}.");
    }

    private static string Outcome(Action use)
    {
        try
        {
            use();
            return "accepted";
        }
        catch (BundleException e)
        {
            return $"{e.Error} {e.Section}";
        }
        catch (LicenseException e)
        {
            return e.Error.ToString();
        }
        catch (KeyException e)
        {
            return e.Error.ToString();
        }
    }

    private static byte[] Bundle(string file)
    {
        var bytes = System.IO.File.ReadAllBytes(File(file));
        if (!file.EndsWith(".json", StringComparison.Ordinal))
        {
            return bytes;
        }

        var patch = JsonNode.Parse(bytes)!.AsObject();
        return BundlePatch.Apply(System.IO.File.ReadAllBytes(File($"bundles/{(string)patch["base"]!}")), patch);
    }

    private static TrustStore Trust() => new(new TrustedPublisher(
        (string)Index["publisher"]!,
        [X509CertificateLoader.LoadCertificateFromFile(File("trust/root.crt"))],
        [new TrustedIssuer((string)Index["issuer"]!, JsonWebKey.Parse(System.IO.File.ReadAllBytes(File("trust/issuer.jwk"))))])
    {
        TimestampAuthorities = [X509CertificateLoader.LoadCertificateFromFile(File("trust/timestamp-root.crt"))],
    });

    private static string[] Files(string folder) =>
        [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    private static string File(string path) => Path.Combine(Folder, path);
}
