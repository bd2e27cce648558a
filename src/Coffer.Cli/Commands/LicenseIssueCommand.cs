using System.CommandLine;
using Coffer.Bundles;

namespace Coffer.Cli.Commands;

/// <summary><c>coffer license issue</c>: who may run a bundle, where, how often and until when.</summary>
internal sealed class LicenseIssueCommand : ToolCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "The bundle to license; it is verified first." };
    private readonly Option<string> _keys = new("--keys") { Description = "The issuer's keys, as 'coffer keys init' makes them.", HelpName = "DIR", Required = true };
    private readonly Option<string> _output = new("--output", "-o") { Description = "The license to write; one that is there is replaced.", HelpName = "LICENSE", Required = true };
    private readonly Option<string> _licensee = new("--licensee") { Description = "Who may use it: a customer or tenant. Default: the issuer itself.", HelpName = "NAME" };
    private readonly RecipientOptions _recipient = new(hasDepth: true);
    private readonly LicenseTermsOptions _terms = new(isNarrower: false);
    private readonly PassphraseOptions _passphrase = new();

    public LicenseIssueCommand(ToolHost host, Option<bool> json)
        : base(
            host,
            json,
            "issue",
            "Issues a license for a bundle to one device, or to somebody who passes it on to devices.",
            "coffer license issue digits.coffer --keys keys --device device.jwk --expires 30d -o digits.license",
            "coffer license issue digits.coffer --keys keys --device device.jwk --licensee contoso --calls 10000 --window 30d --providers cpu,cuda -o digits.license",
            "coffer license issue digits.coffer --keys keys --delegate oem/issuer.jwk --licensee oem --calls 1000 --offline 7d --grace 2d -o oem.license")
    {
        Add(_keys);
        _recipient.AddTo(this);
        Add(_output);
        Add(_licensee);
        _terms.AddTo(this);
        _passphrase.AddTo(this);
        Add(_file);
    }

    protected override Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        var keys = KeyFolder.Open(line.GetRequiredValue(_keys), _passphrase.Read(line, Host));
        using var signed = SignedBundle.Open(line.GetRequiredValue(_file));

        // A license opens content keys: never for a manifest that somebody else wrote.
        using var bundle = signed.Verify(TrustStore.FromDirectory(keys.TrustPath, Host.Clock), new VerificationOptions { Clock = Host.Clock });
        var request = ReadRequest(line, bundle.Manifest, keys.Issuer);
        using var issuerKey = keys.OpenIssuerKey();
        var grants = keys.OpenGrants(Host.Clock);
        if (_terms.WantsStatus(line))
        {
            request = request with { Status = IssuerStatus.Open(keys).Allocate() };
        }

        var text = new LicenseIssuer(keys.Issuer, issuerKey, Host.Clock).Issue(request, grants);
        WrittenLicense.Save(line.GetRequiredValue(_output), text, output, Host.Clock.GetUtcNow());
        return Task.FromResult(ExitCodes.Ok);
    }

    private LicenseRequest ReadRequest(ParseResult line, BundleManifest manifest, string issuer)
    {
        var (recipient, depth) = _recipient.Read(line);
        var request = LicenseRequest.For(manifest, recipient, line.GetValue(_licensee) ?? issuer) with { DelegationDepth = depth };
        return _terms.Apply(line, request, Host.Clock.GetUtcNow());
    }
}
