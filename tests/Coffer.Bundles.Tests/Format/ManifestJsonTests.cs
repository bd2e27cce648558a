using System.Text;
using System.Text.Json.Nodes;
using Coffer.Bundles;

namespace Coffer.Tests.Format;

public sealed class ManifestJsonTests
{
    private static readonly BundleManifest Manifest = new()
    {
        Publisher = "acme",
        Id = "acme/digits",
        Version = SemanticVersion.Parse("1.2.0-rc.1"),
        Sequence = 7,
        Instance = new byte[16],
        Task = "image-classification",
        Created = TestPublisher.Now,
        MinSdk = SemanticVersion.Parse("0.1.0"),
        KeyIds = new Dictionary<PartGroup, string> { [PartGroup.Settings] = "digits.settings.1", [PartGroup.Weights] = "digits.weights.1" },
        Parts =
        [
            new BundlePart("settings.json", PartGroup.Settings, 20480, 74, new byte[32]),
            new BundlePart("graphs/model@fp16/weights", PartGroup.Weights, 24576, 1000, Enumerable.Range(0, 32).Select(i => (byte)i).ToArray()),
        ],
    };

    [Fact]
    public void Read_Written_GivesTheSame()
    {
        var read = ManifestJson.Read(ManifestJson.Write(Manifest), BundleLimits.Default);

        Assert.Equal(Encoding.UTF8.GetString(ManifestJson.Write(Manifest)), Encoding.UTF8.GetString(ManifestJson.Write(read)));
        Assert.Equal(Manifest.Version, read.Version);
        Assert.Equal(Manifest.Parts[1].Digest.ToArray(), read.Parts[1].Digest.ToArray());
    }

    [Fact]
    public void Read_UnknownName_IsIgnored() =>
        Assert.Equal("acme/digits", Read(json => json["colour"] = "blue").Id);

    [Fact]
    public void Read_UnknownNameThatMustBeUnderstood_ThrowsUnsupportedVersion()
    {
        var error = Assert.Throws<BundleException>(() => Read(json => json["must"] = new JsonArray("colour")));

        Assert.Equal(BundleError.UnsupportedVersion, error.Error);
        Assert.Contains("'colour'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_LaterSdkNeeded_SaysWhich()
    {
        var error = Assert.Throws<BundleException>(() => Read(json => json["minSdk"] = "99.0.0"));

        Assert.Equal(BundleError.UnsupportedVersion, error.Error);
        Assert.Contains("99.0.0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_DuplicateName_Throws()
    {
        var json = Encoding.UTF8.GetString(ManifestJson.Write(Manifest)).Replace("\"sequence\":7", "\"sequence\":7,\"sequence\":8", StringComparison.Ordinal);

        AssertInvalid(() => ManifestJson.Read(Encoding.UTF8.GetBytes(json), BundleLimits.Default));
    }

    [Theory]
    [InlineData("publisher")]
    [InlineData("id")]
    [InlineData("version")]
    [InlineData("sequence")]
    [InlineData("instance")]
    [InlineData("task")]
    [InlineData("created")]
    [InlineData("minSdk")]
    [InlineData("timestamp")]
    [InlineData("keys")]
    [InlineData("parts")]
    public void Read_RequiredNameMissing_SaysWhich(string name)
    {
        var error = AssertInvalid(() => Read(json => json.Remove(name)));

        Assert.Contains($"'{name}'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("publisher", "\"Acme\"")]
    [InlineData("publisher", "\"\"")]
    [InlineData("publisher", "\"a/b\"")]
    [InlineData("id", "\"other/digits\"")]
    [InlineData("id", "\"acme/../digits\"")]
    [InlineData("id", "\"acme/\"")]
    [InlineData("version", "\"1.2\"")]
    [InlineData("version", "\"01.2.0\"")]
    [InlineData("version", "12")]
    [InlineData("sequence", "-1")]
    [InlineData("sequence", "1.5")]
    [InlineData("sequence", "9007199254740992")]
    [InlineData("instance", "\"00\"")]
    [InlineData("instance", "\"0000000000000000000000000000000G\"")]
    [InlineData("instance", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"")]
    [InlineData("task", "\"image classification\"")]
    [InlineData("created", "\"2026-06-01\"")]
    [InlineData("created", "\"2026-06-01T12:00:00+01:00\"")]
    [InlineData("timestamp", "\"maybe\"")]
    [InlineData("keys", "{\"settings\":\"a\"}")]
    [InlineData("keys", "{\"settings\":\"a\",\"weights\":\"b\",\"other\":\"c\"}")]
    [InlineData("keys", "{\"settings\":\"a b\",\"weights\":\"b\"}")]
    [InlineData("parts", "[]")]
    [InlineData("parts", "{}")]
    [InlineData("parts", "[7]")]
    [InlineData("must", "\"id\"")]
    public void Read_ValueNotAllowed_ThrowsInvalidManifest(string name, string value) =>
        AssertInvalid(() => Read(json => json[name] = JsonNode.Parse(value)));

    [Theory]
    [InlineData("name", "\"../x\"")]
    [InlineData("name", "\"/x\"")]
    [InlineData("name", "\"a//b\"")]
    [InlineData("name", "\"a\\\\b\"")]
    [InlineData("name", "\"graphs/model@fp16/weights\"")]
    [InlineData("group", "\"all\"")]
    [InlineData("length", "56")]
    [InlineData("length", "71")]
    [InlineData("digest", "\"00\"")]
    public void Read_PartValueNotAllowed_ThrowsInvalidManifest(string name, string value) =>
        AssertInvalid(() => Read(json => json["parts"]![0]![name] = JsonNode.Parse(value)));

    [Fact]
    public void Read_MorePartsThanTheLimit_ThrowsLimitExceeded()
    {
        var error = Assert.Throws<BundleException>(() => ManifestJson.Read(ManifestJson.Write(Manifest), BundleLimits.Default with { MaxParts = 1 }));

        Assert.Equal(BundleError.LimitExceeded, error.Error);
    }

    [Fact]
    public void Read_SettingsPartBeyondTheLimit_ThrowsLimitExceeded()
    {
        var error = Assert.Throws<BundleException>(() => ManifestJson.Read(ManifestJson.Write(Manifest), BundleLimits.Default with { MaxSettingsLength = 1 }));

        Assert.Equal(BundleError.LimitExceeded, error.Error);
    }

    // Half a surrogate pair, in a name: comparing names unescapes them.
    [Fact]
    public void Read_NameThatIsNotUtf8_ThrowsInvalidManifest()
    {
        var json = Encoding.UTF8.GetString(ManifestJson.Write(Manifest)).Replace("\"keys\":{\"settings\"", "\"keys\":{\"\\ud800\"", StringComparison.Ordinal);

        AssertInvalid(() => ManifestJson.Read(Encoding.UTF8.GetBytes(json), BundleLimits.Default));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{}{}")]
    [InlineData("\ufeff{}")]
    public void Read_NotAnObject_ThrowsInvalidManifest(string json) =>
        AssertInvalid(() => ManifestJson.Read(Encoding.UTF8.GetBytes(json), BundleLimits.Default));

    private static BundleManifest Read(Action<JsonObject> edit)
    {
        var json = JsonNode.Parse(ManifestJson.Write(Manifest))!.AsObject();
        edit(json);
        return ManifestJson.Read(Encoding.UTF8.GetBytes(json.ToJsonString()), BundleLimits.Default);
    }

    private static BundleException AssertInvalid(Func<BundleManifest> read)
    {
        var error = Assert.Throws<BundleException>(read);
        Assert.Equal((BundleError.InvalidManifest, BundleSection.Manifest), (error.Error, error.Section));
        return error;
    }
}
