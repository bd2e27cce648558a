using System.CommandLine;
using Coffer.Bundles;

namespace Coffer.Cli.Commands;

/// <summary><c>coffer issuers publish</c>: who may license a publisher's models from now on, and what signs its bundles.</summary>
internal sealed class IssuersPublishCommand : ToolCommand
{
    private readonly Option<string> _keys = new("--keys") { Description = "The publisher's keys, as 'coffer keys init' makes them. The first version needs root.key, later ones issuers.key.", HelpName = "DIR", Required = true };
    private readonly Option<string> _output = new("--output", "-o") { Description = "The file of all versions; the next is written behind those that it holds.", HelpName = "FILE", Required = true };
    private readonly Option<string[]> _issuers = new("--issuer") { Description = "An issuer to allow, with its issuer.jwk; one of that name is replaced. Repeatable. Default: as before, at first those of the trust folder.", HelpName = "NAME=FILE.jwk" };
    private readonly Option<string[]> _removed = new("--remove") { Description = "An issuer to allow no longer. Repeatable.", HelpName = "NAME" };
    private readonly Option<string[]> _signers = new("--signer") { Description = "A certificate that signs bundles; bundles of all others are refused. Repeatable. Default: as before, at first any.", HelpName = "FILE.crt" };
    private readonly Option<bool> _anySigner = new("--any-signer") { Description = "Lets every certificate under the publisher's roots sign again." };
    private readonly Option<string> _expires = new("--expires") { Description = "From when applications no longer take this version: 30d, 12h or 90m from now, a date, or 2027-01-31T18:00:00Z. Needed if the version before expires. Default: never.", HelpName = "TIME" };
    private readonly Option<bool> _rotate = new("--rotate") { Description = "Makes a new issuers.key for the versions after this one; the old one is kept beside it." };

    private readonly PassphraseOptions _passphrase = new();

    public IssuersPublishCommand(ToolHost host, Option<bool> json)
        : base(
            host,
            json,
            "publish",
            "Signs the next version of who may license your models and which certificates sign your bundles.",
            "coffer issuers publish --keys keys --issuer north=north.jwk -o keys/trust/acme/issuers.set",
            "coffer issuers publish --keys keys --remove north --signer keys/publisher.crt --expires 90d --rotate -o keys/trust/acme/issuers.set")
    {
        foreach (var option in new Option[] { _keys, _output, _issuers, _removed, _signers, _anySigner, _expires, _rotate })
        {
            Add(option);
        }

        _passphrase.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        var keys = KeyFolder.Open(line.GetRequiredValue(_keys), _passphrase.Read(line, Host));
        var path = line.GetRequiredValue(_output);
        var file = await keys.PublishIssuersAsync(path, terms => Edit(line, terms), line.GetValue(_rotate), Host.Clock, cancellationToken);
        if (output.IsJson)
        {
            output.Json(json =>
            {
                json.WriteStartObject();
                json.WriteString("file", path);
                json.WriteNumber("version", file.Newest.Version);
                IssuerSetText.WriteVersions(json, file);
                json.WriteEndObject();
            });
        }
        else
        {
            output.Line($"{path}: version {file.Newest.Version} of the issuer set of '{file.Publisher}'.");
            output.Line();
            IssuerSetText.Write(output, file, Host.Clock.GetUtcNow());
            output.Line();
            output.Line("Give the file to every application: as PUBLISHER/issuers.set in its trust folder, or in an update. Keep it: the next version goes behind this one.");
        }

        return ExitCodes.Ok;
    }

    private IssuerSetDraft Edit(ParseResult line, IssuerSetDraft terms) => terms with
    {
        Issuers = ReadIssuers(line, terms.Issuers),
        Signers = ReadSigners(line, terms.Signers),
        Expires = ReadExpires(line, terms.Expires),
    };

    private List<TrustedIssuer> ReadIssuers(ParseResult line, IReadOnlyList<TrustedIssuer> before)
    {
        var added = Values.Pairs("--issuer", line.GetValue(_issuers), (_, path) => ReadKey(path));
        var removed = line.GetValue(_removed) ?? [];
        foreach (var name in removed)
        {
            if (added.ContainsKey(name) || !before.Any(issuer => issuer.Name == name))
            {
                throw new FormatException($"--remove is '{name}', which is {(added.ContainsKey(name) ? "also given as --issuer" : $"no issuer of the version before; it has {string.Join(", ", before.Select(issuer => issuer.Name).DefaultIfEmpty("none"))}")}.");
            }
        }

        return [.. before.Where(issuer => !removed.Contains(issuer.Name) && !added.ContainsKey(issuer.Name)), .. added.Select(pair => new TrustedIssuer(pair.Key, pair.Value))];
    }

    // issuer.jwk is a set of two keys; trust/PUBLISHER/issuers/ISSUER.jwk is the one that signs.
    private static JsonWebKey ReadKey(string path)
    {
        try
        {
            return Recipient.Load(path).SigningKey;
        }
        catch (KeyException e) when (e.Error is KeyError.Malformed)
        {
            return JsonWebKey.Parse(File.ReadAllBytes(path));
        }
    }

    private IReadOnlyList<string>? ReadSigners(ParseResult line, IReadOnlyList<string>? before)
    {
        var files = line.GetValue(_signers) ?? [];
        return (files.Length > 0, line.GetValue(_anySigner)) switch
        {
            (true, true) => throw new FormatException("--signer and --any-signer contradict each other. Give one of them."),
            (true, false) => [.. files.Select(path => CertificateFile.DigestOf("--signer", path)).Distinct()],
            (false, true) => null,
            _ => before,
        };
    }

    private DateTimeOffset? ReadExpires(ParseResult line, DateTimeOffset? before)
    {
        if (line.GetValue(_expires) is { } expires)
        {
            return Values.Future("--expires", expires, Host.Clock.GetUtcNow());
        }

        // Forgetting an option must not make a set that never ends.
        return before is null ? null : throw new FormatException("The version before expires, so the next must: give --expires, for example --expires 90d.");
    }
}
