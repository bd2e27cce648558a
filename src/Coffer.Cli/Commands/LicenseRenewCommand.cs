using System.CommandLine;
using Coffer.Bundles;

namespace Coffer.Cli.Commands;

/// <summary><c>coffer license renew</c>: the next token of a grant, which keeps what was used of it.</summary>
internal sealed class LicenseRenewCommand : ToolCommand
{
    private readonly Argument<string> _license = new("LICENSE") { Description = "The license to renew; it is verified first." };
    private readonly Option<string> _keys = new("--keys") { Description = "The issuer's keys, as 'coffer keys init' makes them.", HelpName = "DIR", Required = true };
    private readonly Option<string> _output = new("--output", "-o") { Description = "The renewal to write; one that is there is replaced.", HelpName = "LICENSE", Required = true };
    private readonly Option<string> _expires = new("--expires") { Description = "From when it is no longer valid: 30d, 12h or 90m from now, a date, or 2027-01-31T18:00:00Z. Needed if the license expires.", HelpName = "TIME" };
    private readonly Option<string> _calls = new("--calls") { Description = "How many inputs may be predicted in all, those already predicted among them. Default: as before.", HelpName = "N" };
    private readonly RecipientOptions _recipient = new(hasDepth: false);
    private readonly PassphraseOptions _passphrase = new();

    public LicenseRenewCommand(ToolHost host, Option<bool> json)
        : base(
            host,
            json,
            "renew",
            "Renews a license: the same terms, later or more of them. A running application takes it without opening the model again.",
            "coffer license renew digits.license --keys keys --device device.jwk --expires 365d -o digits-2.license",
            "coffer license renew digits.license --keys keys --device device.jwk --expires 30d --calls 20000 -o digits-2.license")
    {
        Add(_keys);
        _recipient.AddTo(this);
        Add(_output);
        Add(_expires);
        Add(_calls);
        _passphrase.AddTo(this);
        Add(_license);
    }

    protected override Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        var keys = KeyFolder.Open(line.GetRequiredValue(_keys), _passphrase.Read(line, Host));
        var previous = License.Load(line.GetRequiredValue(_license)).Verify(TrustStore.FromDirectory(keys.TrustPath, Host.Clock));
        RequireOwn(previous);
        var request = ReadRequest(line, LicenseRequest.Renewal(previous, _recipient.Read(line).Recipient), previous.Claims);
        using var issuerKey = keys.OpenIssuerKey();
        var text = new LicenseIssuer(keys.Issuer, issuerKey, Host.Clock).Issue(request, keys.OpenGrants(Host.Clock));
        WrittenLicense.Save(line.GetRequiredValue(_output), text, output, Host.Clock.GetUtcNow());
        return Task.FromResult(ExitCodes.Ok);
    }

    // The next token of a grant is its issuer's to sign: of one that was passed on, the delegate's.
    private static void RequireOwn(VerifiedLicense previous)
    {
        if (previous.Claims.Previous is not null)
        {
            throw new FormatException($"The license was passed on by '{previous.Claims.Issuer}', who renews it with 'coffer license narrow --renews LICENSE'. Renew the license that you issued.");
        }
    }

    private LicenseRequest ReadRequest(ParseResult line, LicenseRequest request, LicenseClaims previous)
    {
        if (line.GetValue(_expires) is { } expires)
        {
            request = request with { Expires = Values.Future("--expires", expires, Host.Clock.GetUtcNow()) };
        }
        else if (previous.Expires is not null)
        {
            // Forgetting an option must not make a license that never ends.
            throw new FormatException("The license expires, so its renewal must: give --expires, for example --expires 30d.");
        }

        return line.GetValue(_calls) is { } calls ? request with { Calls = Values.Whole("--calls", calls, min: 1) } : request;
    }
}
