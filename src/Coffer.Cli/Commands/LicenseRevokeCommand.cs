using System.CommandLine;
using Coffer.Bundles;

namespace Coffer.Cli.Commands;

/// <summary><c>coffer license revoke</c>: takes a license back, or a device, a bundle or a signing certificate with all licenses.</summary>
internal sealed class LicenseRevokeCommand : ToolCommand
{
    private readonly Argument<string> _license = new("LICENSE") { Description = "The license to revoke, or one that was passed on below yours.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string> _keys = new("--keys") { Description = "The issuer's keys, with the register that 'coffer status init' makes.", HelpName = "DIR", Required = true };
    private readonly Option<bool> _suspend = new("--suspend") { Description = "Suspends LICENSE until --reinstate, in place of revoking it for good." };
    private readonly Option<bool> _reinstate = new("--reinstate") { Description = "Ends the suspension of LICENSE." };
    private readonly Option<string> _device = new("--device") { Description = "Revokes a device with all its licenses of yours: its public file, or the thumbprint of its key.", HelpName = "DEVICE" };
    private readonly Option<string> _manifest = new("--manifest") { Description = "Revokes a bundle: its file, or the SHA-256 of its manifest.", HelpName = "BUNDLE" };
    private readonly Option<string> _signer = new("--signer") { Description = "Revokes a certificate that signs bundles: its file, or its SHA-256.", HelpName = "CERT" };
    private readonly Option<string> _after = new("--after") { Description = "With --signer: refuses what was signed from then on, or without a timestamp; a date, or 2027-01-31T18:00:00Z. Default: everything that it signed.", HelpName = "TIME" };

    public LicenseRevokeCommand(ToolHost host, Option<bool> json)
        : base(
            host,
            json,
            "revoke",
            "Revokes or suspends licenses in your register; the list that is published next says so.",
            "coffer license revoke digits.license --keys keys",
            "coffer license revoke digits.license --suspend --keys keys",
            "coffer license revoke --device device.jwk --keys keys",
            "coffer license revoke --signer publisher.crt --after 2027-01-31 --keys keys")
    {
        Add(_keys);
        foreach (var option in new Option[] { _suspend, _reinstate, _device, _manifest, _signer, _after })
        {
            Add(option);
        }

        Add(_license);
    }

    protected override Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        RequireSense(line);
        var folder = line.GetRequiredValue(_keys);
        var keys = KeyFolder.Open(folder);
        var register = IssuerStatus.Open(keys);

        // Everything is read before anything is changed: a mistyped file leaves the register as it was.
        var changes = Changes(line, keys, register).ToList();
        changes.ForEach(change => change.Make());
        if (output.IsJson)
        {
            output.Json(json =>
            {
                json.WriteStartObject();
                json.WriteString("issuer", keys.Issuer);
                json.WriteString("uri", register.Uri);
                json.WriteStartArray("changes");
                changes.ForEach(change => change.WriteTo(json));
                json.WriteEndArray();
                json.WriteBoolean("published", false);
                json.WriteEndObject();
            });
        }
        else
        {
            changes.ForEach(change => output.Line($"{change.What} is {change.State} in the register of '{keys.Issuer}'."));
            output.Line();
            output.Line(IssuerStatus.Advice(folder));
        }

        return Task.FromResult(ExitCodes.Ok);
    }

    private void RequireSense(ParseResult line)
    {
        var hasLicense = line.GetValue(_license) is not null;
        var (suspends, reinstates) = (line.GetValue(_suspend), line.GetValue(_reinstate));
        var problem = !hasLicense && line.GetValue(_device) is null && line.GetValue(_manifest) is null && line.GetValue(_signer) is null ? "Say what to revoke: a LICENSE, --device, --manifest or --signer."
            : suspends && reinstates ? "Give one of --suspend and --reinstate."
            : (suspends || reinstates) && !hasLicense ? "--suspend and --reinstate are for a license: give LICENSE. What else is revoked is so for good."
            : line.GetValue(_after) is not null && line.GetValue(_signer) is null ? "--after is for a certificate: give --signer, too."
            : null;
        if (problem is not null)
        {
            throw new FormatException(problem);
        }
    }

    private IEnumerable<StatusChange> Changes(ParseResult line, KeyFolder keys, StatusRegister register)
    {
        if (line.GetValue(_license) is { } path)
        {
            var license = License.Load(path);
            _ = license.Verify(TrustStore.FromDirectory(keys.TrustPath, Host.Clock));
            var index = new IssuedToken(keys).StatusOf(license, register.Uri).Index;
            RequireChange(line, path, register[index]);
            yield return line.GetValue(_suspend) ? new("license", $"{path} (index {index})", "suspended", () => register.Suspend(index))
                : line.GetValue(_reinstate) ? new("license", $"{path} (index {index})", "reinstated", () => register.Reinstate(index))
                : new("license", $"{path} (index {index})", "revoked", () => register.Revoke(index));
        }

        if (line.GetValue(_device) is { } device)
        {
            var thumbprint = IsThumbprint(device) ? device : Recipient.Load(device).SigningKey.Thumbprint;
            yield return new("device", $"The device {thumbprint}", "revoked", () => register.RevokeDevice(thumbprint));
        }

        if (line.GetValue(_manifest) is { } manifest)
        {
            var digest = IsDigest(manifest) ? manifest : DigestOfBundle(manifest);
            yield return new("manifest", $"The bundle with the manifest {digest}", "revoked", () => register.RevokeManifest(digest));
        }

        if (line.GetValue(_signer) is { } signer)
        {
            var digest = IsDigest(signer) ? signer : CertificateFile.DigestOf("--signer", signer);
            var after = line.GetValue(_after) is { } time ? Values.Moment("--after", time, Host.Clock.GetUtcNow()) : (DateTimeOffset?)null;
            yield return new("signer", $"The certificate {digest}", $"revoked{(after is { } from ? $" from {Text.Of(from)} on" : "")}", () => register.RevokeSigner(new RevokedSigner(digest, after)));
        }
    }

    // A revocation is for good: the register would leave it as it is.
    private void RequireChange(ParseResult line, string path, int status)
    {
        var (suspends, reinstates) = (line.GetValue(_suspend), line.GetValue(_reinstate));
        if (status == 1 && (suspends || reinstates))
        {
            throw new FormatException($"'{path}' is revoked for good, and can't be {(suspends ? "suspended" : "reinstated")}. Issue a new license.");
        }

        if (status == 0 && reinstates)
        {
            throw new FormatException($"'{path}' is not suspended in your register. If devices still refuse it, publish the list again.");
        }
    }

    private static string DigestOfBundle(string path)
    {
        using var bundle = SignedBundle.Open(path);
        return bundle.ManifestDigest;
    }

    private static bool IsThumbprint(string text) => text.Length == 43 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static bool IsDigest(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower);
}
