using System.CommandLine;
using Coffer.Bundles;

namespace Coffer.Cli.Commands;

/// <summary><c>coffer license narrow</c>: a delegate passes a license on, with less in it.</summary>
internal sealed class LicenseNarrowCommand : ToolCommand
{
    private readonly Argument<string> _license = new("LICENSE") { Description = "The license that was issued to you as its delegate; it is verified first." };
    private readonly Option<string> _keys = new("--keys") { Description = "Your keys, as 'coffer keys init --issuer' makes them, with the content of the publisher's trust folder in their 'trust'.", HelpName = "DIR", Required = true };
    private readonly Option<string> _output = new("--output", "-o") { Description = "The license to write; one that is there is replaced.", HelpName = "LICENSE", Required = true };
    private readonly Option<string> _licensee = new("--licensee") { Description = "Who may use it: a customer or tenant. Default: as the license above.", HelpName = "NAME" };
    private readonly Option<string> _renews = new("--renews") { Description = "A license of yours that this one replaces: it keeps what was used of it.", HelpName = "LICENSE" };
    private readonly RecipientOptions _recipient = new(hasDepth: true);
    private readonly LicenseTermsOptions _terms = new(isNarrower: true);
    private readonly PassphraseOptions _passphrase = new();

    public LicenseNarrowCommand(ToolHost host, Option<bool> json)
        : base(
            host,
            json,
            "narrow",
            "Passes a license on to a device, or to the next delegate: with the same terms or narrower ones, never wider.",
            "coffer license narrow oem.license --keys oem --device device.jwk --calls 100 --expires 30d -o device.license",
            "coffer license narrow oem.license --keys oem --device device.jwk --calls 200 --renews device.license -o device-2.license")
    {
        Add(_keys);
        _recipient.AddTo(this);
        Add(_output);
        Add(_licensee);
        Add(_renews);
        _terms.AddTo(this);
        _passphrase.AddTo(this);
        Add(_license);
    }

    protected override Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        var keys = KeyFolder.Open(line.GetRequiredValue(_keys), _passphrase.Read(line, Host));
        var trust = TrustStore.FromDirectory(keys.TrustPath, Host.Clock);
        var parent = License.Load(line.GetRequiredValue(_license)).Verify(trust);
        var request = ReadRequest(line, parent, trust);
        using var key = keys.OpenIssuerKey();
        if (_terms.WantsStatus(line))
        {
            request = request with { Status = IssuerStatus.Open(keys).Allocate() };
        }

        WrittenLicense.Save(line.GetRequiredValue(_output), Narrow(new LicenseIssuer(keys.Issuer, key, Host.Clock), parent, request), output, Host.Clock.GetUtcNow());
        return Task.FromResult(ExitCodes.Ok);
    }

    private static string Narrow(LicenseIssuer issuer, VerifiedLicense parent, LicenseRequest request)
    {
        try
        {
            return issuer.Narrow(parent, request);
        }
        catch (LicenseException e) when (e.Error is LicenseError.Widened)
        {
            // The library speaks to who got such a license; here it is who would write it.
            throw new LicenseException(e.Error, $"That is more than the license for '{parent.Claims.Licensee}' gives, which 'coffer license show' tells. {e.Message}", e);
        }
    }

    private LicenseRequest ReadRequest(ParseResult line, VerifiedLicense parent, TrustStore trust)
    {
        var (recipient, depth) = _recipient.Read(line);
        var request = LicenseRequest.Under(parent, recipient, line.GetValue(_licensee) ?? parent.Claims.Licensee) with { DelegationDepth = depth };
        if (line.GetValue(_renews) is { } path)
        {
            // Renewal checks that it is of the same recipient.
            var renewal = LicenseRequest.Renewal(License.Load(path).Verify(trust), recipient);
            request = request with { LicenseId = renewal.LicenseId, Sequence = renewal.Sequence, Status = renewal.Status };
        }

        return _terms.Apply(line, request, Host.Clock.GetUtcNow());
    }
}
