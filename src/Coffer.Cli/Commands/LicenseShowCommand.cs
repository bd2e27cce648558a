using System.CommandLine;
using Coffer.Bundles;

namespace Coffer.Cli.Commands;

/// <summary><c>coffer license show</c>: what a license says, whether it holds, what is left of it, and why it is refused.</summary>
internal sealed class LicenseShowCommand : ToolCommand
{
    private readonly Argument<string> _license = new("LICENSE") { Description = "A license file." };
    private readonly Option<string> _trust = new("--trust") { Description = "A folder of trust anchors: checks every signature.", HelpName = "DIR" };
    private readonly Option<string> _device = new("--device") { Description = "This device's private key, device.key: says how much is left; with --trust.", HelpName = "DEVICE.key" };
    private readonly Option<string> _bundle = new("--bundle") { Description = "A bundle: says whether it would open now, and why not; with --trust and --device. Nothing is recorded.", HelpName = "FILE" };
    private readonly Option<string[]> _status = new("--status") { Description = "With --bundle: an issuer's status list. Repeatable.", HelpName = "FILE" };
    private readonly Option<string> _audience = new("--audience") { Description = "With --bundle: the application's id.", HelpName = "APP" };
    private readonly PassphraseOptions _passphrase = new();

    public LicenseShowCommand(ToolHost host, Option<bool> json)
        : base(
            host,
            json,
            "show",
            "Explains a license: without options what it says of itself, with them whether it holds and why it would be refused, with exit code 4.",
            "coffer license show digits.license",
            "coffer license show digits.license --trust keys/trust --device keys/device.key --bundle digits.coffer --status acme.status")
    {
        foreach (var option in new Option[] { _trust, _device, _bundle, _status, _audience })
        {
            Add(option);
        }

        _passphrase.AddTo(this);
        Add(_license);
    }

    protected override Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        RequireSense(line);
        var explanation = Explain(line);
        if (output.IsJson)
        {
            output.Json(explanation.WriteTo);
        }
        else
        {
            explanation.WriteTo(output, Host.Clock.GetUtcNow());
        }

        return Task.FromResult(explanation.Refusal is null ? ExitCodes.Ok : ExitCodes.LicenseRefused);
    }

    private LicenseExplanation Explain(ParseResult line)
    {
        var path = line.GetRequiredValue(_license);
        var explanation = new LicenseExplanation(path, License.Load(path)) { TrustPath = line.GetValue(_trust), BundlePath = line.GetValue(_bundle) };
        if (explanation.TrustPath is null)
        {
            return explanation;
        }

        var trust = TrustStore.FromDirectory(explanation.TrustPath, Host.Clock);
        try
        {
            var verified = explanation.License.Verify(trust);
            return line.GetValue(_device) is null ? explanation : ExplainHere(line, explanation, verified, trust);
        }
        catch (LicenseException e) when (e.Error is LicenseError.IssuerUntrusted or LicenseError.SignatureInvalid)
        {
            return explanation with { Refusal = e, IsVerified = false };
        }
    }

    private LicenseExplanation ExplainHere(ParseResult line, LicenseExplanation explanation, VerifiedLicense license, TrustStore trust)
    {
        using var device = FileDeviceKey.Load(line.GetRequiredValue(_device), _passphrase.Read(line, Host).Span);
        explanation = explanation with { Usage = UsageOnDevice.Of(license, device, Host.Clock.GetUtcNow()) };
        if (explanation.BundlePath is null)
        {
            return explanation;
        }

        using var signed = SignedBundle.Open(explanation.BundlePath);
        using var bundle = signed.Verify(trust, new VerificationOptions { Clock = Host.Clock });
        var options = new AuthorizationOptions { Clock = Host.Clock, Audience = line.GetValue(_audience), StatusLists = StatusFiles.Load(line.GetValue(_status)) };
        return explanation with { Refusal = license.FindRefusal(bundle, device, options) };
    }

    private void RequireSense(ParseResult line)
    {
        var (trust, device, bundle) = (line.GetValue(_trust), line.GetValue(_device), line.GetValue(_bundle));
        if (device is not null && trust is null)
        {
            throw new FormatException("--device tells what is left of a license whose signatures hold: give --trust, too.");
        }

        if (bundle is not null && device is null)
        {
            throw new FormatException("--bundle asks whether the bundle would open on a device: give --trust and --device, too.");
        }

        if (bundle is null && (line.GetValue(_status) is { Length: > 0 } || line.GetValue(_audience) is not null))
        {
            throw new FormatException("--status and --audience count when a bundle is opened: give --bundle, too.");
        }
    }
}
