using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Coffer.Bundles;
using Coffer.Tests.Keys;

namespace Coffer.Tests.Licensing;

/// <summary>Every bit and every length of a license and of a wrapped content key, and every license against every request.</summary>
public sealed class LicenseAttackTests : IDisposable
{
    private readonly LicensingWorld _world = new();

    public void Dispose() => _world.Dispose();

    // The line feed is the file's, not the token's: with or without it, one token is one license.
    [Fact]
    public void Verify_EverySingleBitFlip_IsRefused()
    {
        var file = Encoding.ASCII.GetBytes(_world.Issue(_world.Request));
        var accepted = new ConcurrentBag<string>();

        Parallel.For(0, file.Length * 8, bit =>
        {
            byte[] copy = [.. file];
            copy[bit / 8] ^= (byte)(1 << (bit % 8));
            if (Refusal(() => License.Parse(Encoding.UTF8.GetString(copy)).Verify(_world.Trust)) is not LicenseException)
            {
                accepted.Add($"byte {bit / 8} bit {bit % 8}");
            }
        });

        TestContext.Current.TestOutputHelper?.WriteLine($"{file.Length * 8} flips of a license of {file.Length} bytes.");
        Assert.Empty(accepted);
    }

    [Fact]
    public void Verify_EveryTruncation_IsRefused()
    {
        var token = _world.Issue(_world.Request).TrimEnd('\n');

        Assert.All(Enumerable.Range(0, token.Length), length => Assert.IsType<LicenseException>(Refusal(() => License.Parse(token[..length]).Verify(_world.Trust))));
    }

    [Fact]
    public void Unwrap_EverySingleBitFlipOfAWrappedKey_IsRefused()
    {
        using var key = ContentKey.Generate("digits.weights.1");
        var wrapped = Encoding.ASCII.GetBytes(WrappedContentKey.Wrap(key, _world.Device.AgreementKey));
        var accepted = new ConcurrentBag<string>();

        Parallel.For(0, wrapped.Length * 8, bit =>
        {
            byte[] copy = [.. wrapped];
            copy[bit / 8] ^= (byte)(1 << (bit % 8));
            if (Refusal(() => WrappedContentKey.Unwrap(Encoding.UTF8.GetString(copy), key.Id, _world.Device)) is not KeyException { Error: KeyError.UnwrapFailed })
            {
                accepted.Add($"byte {bit / 8} bit {bit % 8}");
            }
        });

        TestContext.Current.TestOutputHelper?.WriteLine($"{wrapped.Length * 8} flips of a wrapped key of {wrapped.Length} bytes.");
        Assert.Empty(accepted);
    }

    [Fact]
    public void Unwrap_EveryTruncationOfAWrappedKey_IsRefused()
    {
        using var key = ContentKey.Generate("digits.weights.1");
        var wrapped = WrappedContentKey.Wrap(key, _world.Device.AgreementKey);

        Assert.All(Enumerable.Range(0, wrapped.Length), length => Assert.Equal(KeyError.UnwrapFailed, Assert.IsType<KeyException>(Refusal(() => WrappedContentKey.Unwrap(wrapped[..length], key.Id, _world.Device))).Error));
    }

    // Model, version, device, application, task and target: 64 licenses against 64 requests. Only the request that a license was
    // issued for opens, and the refusal names the first difference in the order of LICENSES.md.
    [Fact]
    public void Authorize_EveryLicenseAgainstEveryRequest_OpensOnlyItsOwn()
    {
        using var otherDevice = FileDeviceKey.Create(_world.Folder.File("other.key"));
        var devices = new[] { _world.Device, otherDevice };
        string[] models = ["digits", "letters"];
        _ = _world.Store.Generate("letters", PartGroup.Settings);
        _ = _world.Store.Generate("letters", PartGroup.Weights);
        KeyGrant[] grants = [.. models.SelectMany(model => Enum.GetValues<PartGroup>(), (model, group) => KeyGrant.Create("acme", _world.Store, $"{model}.{(group == PartGroup.Settings ? "settings" : "weights")}.1", LicensingWorld.Issuer, _world.IssuerKey.Recipient, _world.Clock))];
        var cells = Enumerable.Range(0, 64).Select(Cell.Of).ToList();
        var issuer = new LicenseIssuer(LicensingWorld.Issuer, _world.IssuerKey, _world.Clock);
        var licenses = cells.ConvertAll(cell => License.Parse(issuer.Issue(
            new LicenseRequest
            {
                Recipient = devices[cell.Device].Recipient,
                Licensee = "customer-7",
                Models = [new LicensedModel($"acme/{models[cell.Model]}", VersionRange.Exactly(cell.Version))],
                KeyIds = [$"{models[cell.Model]}.settings.1", $"{models[cell.Model]}.weights.1"],
                Tasks = [cell.Task],
                Targets = [cell.Target],
                Audience = cell.Audience,
            },
            grants)).Verify(_world.Trust));
        var opened = 0;

        for (var licensed = 0; licensed < cells.Count; licensed++)
        {
            foreach (var asked in cells)
            {
                var expected = cells[licensed].FirstDifference(asked);
                var error = Refusal(() => Open(licenses[licensed], asked, models[asked.Model], devices[asked.Device]));
                Assert.True(error is null ? expected is null : (error as LicenseException)?.Error == expected, $"{cells[licensed]} for {asked}: {error}");
                opened += error is null ? 1 : 0;
            }
        }

        Assert.Equal(64, opened);
    }

    // Two keys for one group: nothing says which of them the issuer meant.
    [Fact]
    public void UnwrapKeys_KeyThatIsThereTwice_ThrowsKeyUnwrapFailed()
    {
        var payload = JsonNode.Parse(Tokens.Payload(_world.Issue(_world.Request)))!.AsObject();
        var keys = payload["keys"]!.AsArray();
        keys.Add(keys[0]!.DeepClone());
        using var entitlement = _world.Authorize(_world.Sign(payload.ToJsonString()));

        Assert.Equal(LicenseError.KeyUnwrapFailed, Assert.IsType<LicenseException>(Refusal(() => entitlement.UnwrapKeys(_world.Device))).Error);
    }

    private void Open(VerifiedLicense license, Cell asked, string model, FileDeviceKey device)
    {
        var manifest = _world.Manifest with
        {
            Id = $"acme/{model}",
            Version = asked.Version,
            Task = asked.Task,
            KeyIds = new Dictionary<PartGroup, string> { [PartGroup.Settings] = $"{model}.settings.1", [PartGroup.Weights] = $"{model}.weights.1" },
        };
        using var entitlement = license.Authorize(new OpenedBundle(manifest, LicensingWorld.Digest, null), device, new AuthorizationOptions { Clock = _world.Clock, Audience = asked.Audience });
        _ = entitlement.Begin(asked.Task, asked.Target);
        using var keys = entitlement.UnwrapKeys(device);
        Assert.Equal(asked.Target == ExecutionTarget.Local, keys.Contains(PartGroup.Weights));
    }

    private static Exception? Refusal(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            return e;
        }
    }

    private sealed record Cell(int Model, SemanticVersion Version, int Device, string Audience, string Task, ExecutionTarget Target)
    {
        public static Cell Of(int index) => new(
            index & 1,
            SemanticVersion.Parse((index & 2) == 0 ? "1.2.0" : "1.2.1"),
            (index >> 2) & 1,
            (index & 8) == 0 ? "app-a" : "app-b",
            (index & 16) == 0 ? "image-classification" : "audio-classification",
            (index & 32) == 0 ? ExecutionTarget.Local : ExecutionTarget.Remote);

        public LicenseError? FirstDifference(Cell asked) =>
            Audience != asked.Audience ? LicenseError.AudienceMismatch
            : Model != asked.Model ? LicenseError.ModelNotLicensed
            : Version != asked.Version ? LicenseError.VersionNotLicensed
            : Task != asked.Task ? LicenseError.TaskNotLicensed
            : Device != asked.Device ? LicenseError.DeviceMismatch
            : Target != asked.Target ? LicenseError.TargetNotLicensed
            : null;
    }
}
