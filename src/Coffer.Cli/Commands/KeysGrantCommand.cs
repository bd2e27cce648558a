using System.CommandLine;
using Coffer.Bundles;

namespace Coffer.Cli.Commands;

/// <summary><c>coffer keys grant</c>: a publisher gives the content keys of a bundle to a license issuer.</summary>
internal sealed class KeysGrantCommand : ToolCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "The bundle whose content keys are granted; it is verified first." };
    private readonly Option<string> _keys = new("--keys") { Description = "The publisher's keys, as 'coffer keys init' makes them.", HelpName = "DIR", Required = true };
    private readonly Option<string> _issuer = new("--issuer") { Description = "The issuer's name, which its licenses carry.", HelpName = "NAME", Required = true };
    private readonly Option<string> _to = new("--to") { Description = "The issuer's public file, issuer.jwk.", HelpName = "ISSUER.jwk", Required = true };
    private readonly Option<string> _output = new("--output", "-o") { Description = "The folder to write the grants into; made if it is not there.", HelpName = "DIR", Required = true };
    private readonly Option<string> _trust = new("--trust") { Description = "Also name the issuer in this trust folder, so that applications which ship it accept its licenses.", HelpName = "DIR" };
    private readonly PassphraseOptions _passphrase = new();

    public KeysGrantCommand(ToolHost host, Option<bool> json)
        : base(
            host,
            json,
            "grant",
            "Gives the content keys of a bundle to a license issuer: who has them can license, and read, every bundle under them.",
            "coffer keys grant digits.coffer --keys keys --issuer contoso --to issuer.jwk -o grants",
            "coffer keys grant digits.coffer --keys keys --issuer contoso --to issuer.jwk -o grants --trust keys/trust")
    {
        foreach (var option in new Option[] { _keys, _issuer, _to, _output, _trust })
        {
            Add(option);
        }

        _passphrase.AddTo(this);
        Add(_file);
    }

    protected override Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        var keys = KeyFolder.Open(line.GetRequiredValue(_keys), _passphrase.Read(line, Host));
        var issuer = line.GetRequiredValue(_issuer);
        var recipient = ReadIssuer(line.GetRequiredValue(_to));
        using var signed = SignedBundle.Open(line.GetRequiredValue(_file));
        var trusted = TrustStore.FromDirectory(keys.TrustPath, Host.Clock);
        using var bundle = signed.Verify(trusted, new VerificationOptions { Clock = Host.Clock });
        TrustedIssuerFile.RequireNoOther(trusted.Publishers[keys.Publisher], new TrustedIssuer(issuer, recipient.SigningKey), keys.TrustPath);
        using var publisher = keys.OpenPublisherKey();
        var store = keys.OpenContentKeys(publisher);
        var grants = bundle.Manifest.KeyIds.OrderBy(pair => pair.Key).Select(pair => KeyGrant.Create(keys.Publisher, store, pair.Value, issuer, recipient, Host.Clock)).ToList();

        // Whom to trust comes first: where it is refused, no content key has left.
        var anchor = line.GetValue(_trust) is { } trust ? TrustedIssuerFile.Save(trust, keys.Publisher, new TrustedIssuer(issuer, recipient.SigningKey)) : null;
        var files = grants.ConvertAll(grant => grant.Save(line.GetRequiredValue(_output)));
        if (output.IsJson)
        {
            WriteJson(output, keys.Publisher, issuer, recipient, [.. grants.Zip(files)], anchor);
        }
        else
        {
            WriteText(output, keys.Publisher, issuer, recipient, [.. grants.Zip(files)], anchor);
        }

        return Task.FromResult(ExitCodes.Ok);
    }

    private static Recipient ReadIssuer(string path)
    {
        var recipient = Recipient.Load(path);
        return recipient.LedgerId is null
            ? recipient
            : throw new FormatException($"'{path}' is the public file of a device: it names a ledger. Give the issuer's, which 'coffer keys init --issuer' writes as issuer.jwk.");
    }

    private static void WriteText(Output output, string publisher, string issuer, Recipient recipient, IReadOnlyList<(KeyGrant Grant, string File)> grants, string? anchor)
    {
        output.Line($"'{publisher}' gives to the license issuer '{issuer}' ({recipient.SigningKey.Thumbprint}):");
        output.Table([.. grants.Select(given => new[] { "  " + given.Grant.KeyId, given.File })]);
        output.Line();
        output.Line(anchor is null
            ? $"Applications refuse its licenses until their trust folder has {TrustedIssuerFile.NameOf(publisher, issuer)}; --trust DIR writes it."
            : $"Applications that ship {anchor} accept its licenses; those that were shipped without it refuse them.");
        output.Line($"The issuer needs the grants in its folder 'grants', the publisher's publisher.crt, and the trust folder's content in its 'trust'.");
    }

    private static void WriteJson(Output output, string publisher, string issuer, Recipient recipient, IReadOnlyList<(KeyGrant Grant, string File)> grants, string? anchor) => output.Json(json =>
    {
        json.WriteStartObject();
        json.WriteString("publisher", publisher);
        json.WriteString("issuer", issuer);
        json.WriteString("issuerKey", recipient.SigningKey.Thumbprint);
        json.WriteString("trusted", anchor);
        json.WriteStartArray("grants");
        foreach (var (grant, file) in grants)
        {
            json.WriteStartObject();
            json.WriteString("key", grant.KeyId);
            json.WriteString("file", file);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
