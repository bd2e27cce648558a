using System.CommandLine;
using Coffer.Bundles;

namespace Coffer.Cli.Commands;

/// <summary><c>coffer license issue</c>: who may run a bundle, where, how often and until when.</summary>
internal sealed class LicenseIssueCommand : ToolCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "The bundle to license; it is verified first." };
    private readonly Option<string> _keys = new("--keys") { Description = "The issuer's keys, as 'coffer keys init' makes them.", HelpName = "DIR", Required = true };
    private readonly Option<string> _device = new("--device") { Description = "The public file of the device, device.jwk.", HelpName = "DEVICE.jwk", Required = true };
    private readonly Option<string> _output = new("--output", "-o") { Description = "The license to write; one that is there is replaced.", HelpName = "LICENSE", Required = true };
    private readonly Option<string> _licensee = new("--licensee") { Description = "Who may use it: a customer or tenant. Default: the issuer itself.", HelpName = "NAME" };
    private readonly Option<string> _expires = new("--expires") { Description = "From when it is no longer valid: 30d, 12h or 90m from now, a date (its first moment, UTC), or 2027-01-31T18:00:00Z. Default: never.", HelpName = "TIME" };
    private readonly Option<string> _notBefore = new("--not-before") { Description = "From when it is valid, in the same forms. Default: at once.", HelpName = "TIME" };
    private readonly Option<string> _calls = new("--calls") { Description = "How many inputs may be predicted, counted on the device. Default: any number.", HelpName = "N" };
    private readonly Option<string> _tasks = new("--tasks") { Description = "What may be predicted, or *. Default: the bundle's task.", HelpName = "A,B" };
    private readonly Option<string> _targets = new("--targets") { Description = "Where it may run: local, remote. Without local the license opens no weights. Default: local.", HelpName = "A,B" };
    private readonly Option<string> _providers = new("--providers") { Description = $"What it may run on: {string.Join(", ", ProviderNames.All)}, or *. Default: *.", HelpName = "A,B" };
    private readonly Option<string> _versions = new("--versions") { Description = "Which versions of the model: *, [1.2.0], [1.0.0,2.0.0), [1.0.0,). Default: from this one to the next major one.", HelpName = "RANGE" };
    private readonly Option<string> _audience = new("--audience") { Description = "The id of the application that it is for. Default: any.", HelpName = "APP" };
    private readonly PassphraseOptions _passphrase = new();

    public LicenseIssueCommand(ToolHost host, Option<bool> json)
        : base(
            host,
            json,
            "issue",
            "Issues a license for a bundle to one device.",
            "coffer license issue digits.coffer --keys keys --device device.jwk --expires 30d -o digits.license",
            "coffer license issue digits.coffer --keys keys --device device.jwk --licensee contoso --calls 10000 --providers cpu,cuda -o digits.license")
    {
        foreach (var option in new Option[] { _keys, _device, _output, _licensee, _expires, _notBefore, _calls, _tasks, _targets, _providers, _versions, _audience })
        {
            Add(option);
        }

        _passphrase.AddTo(this);
        Add(_file);
    }

    protected override Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        var keys = KeyFolder.Open(line.GetRequiredValue(_keys), _passphrase.Read(line, Host));
        using var signed = SignedBundle.Open(line.GetRequiredValue(_file));

        // A license opens content keys: never for a manifest that somebody else wrote.
        using var bundle = signed.Verify(TrustStore.FromDirectory(keys.TrustPath), new VerificationOptions { Clock = Host.Clock });
        var request = ReadRequest(line, bundle.Manifest, keys.Issuer);
        using var issuerKey = keys.OpenIssuerKey();
        var text = new LicenseIssuer(keys.Issuer, issuerKey, Host.Clock).Issue(request, keys.OpenGrants(Host.Clock));

        WrittenLicense.Save(line.GetRequiredValue(_output), text, output, Host.Clock.GetUtcNow());
        return Task.FromResult(ExitCodes.Ok);
    }

    private LicenseRequest ReadRequest(ParseResult line, BundleManifest manifest, string issuer)
    {
        var now = Host.Clock.GetUtcNow();
        var recipient = Recipient.Load(line.GetRequiredValue(_device));
        var request = LicenseRequest.For(manifest, recipient, line.GetValue(_licensee) ?? issuer) with
        {
            Expires = line.GetValue(_expires) is { } expires ? Values.Future("--expires", expires, now) : null,
            NotBefore = line.GetValue(_notBefore) is { } notBefore ? Values.Moment("--not-before", notBefore, now) : null,
            Calls = line.GetValue(_calls) is { } calls ? Values.Whole("--calls", calls, min: 1) : null,
            Audience = line.GetValue(_audience),
        };
        if (line.GetValue(_tasks) is { } tasks)
        {
            request = request with { Tasks = Values.List("--tasks", tasks) };
        }

        if (line.GetValue(_targets) is { } targets)
        {
            request = request with { Targets = [.. Values.List("--targets", targets).Select(target => Values.OneOf("--targets", target, LicenseText.Targets)).Distinct()] };
        }

        if (line.GetValue(_providers) is { } providers)
        {
            request = request with { Providers = [.. Values.List("--providers", providers).Select(provider => ProviderNames.Licensed("--providers", provider)).Distinct()] };
        }

        return line.GetValue(_versions) is { } versions
            ? request with { Models = [.. request.Models.Select(model => model with { Versions = VersionRange.Parse(versions) })] }
            : request;
    }
}
