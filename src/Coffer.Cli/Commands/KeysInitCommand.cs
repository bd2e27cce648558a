using System.CommandLine;
using System.Text.Json;
using Coffer.Bundles;

namespace Coffer.Cli.Commands;

/// <summary><c>coffer keys init</c>: every key of a small vendor in one folder, or those of an issuer or a device alone.</summary>
internal sealed class KeysInitCommand : ToolCommand
{
    private readonly Argument<string> _folder = new("DIR") { Description = "The folder to make; keys that are there are never overwritten." };
    private readonly Option<string> _publisher = new("--publisher")
    {
        Description = "The publisher's name, the first half of every model's id: 1 to 64 of a-z, 0-9, '.', '_', '-'. Default: your user name in that alphabet.",
        HelpName = "NAME",
    };

    private readonly Option<string> _issuer = new("--issuer") { Description = "Make the keys of a license issuer of this name, and nothing else.", HelpName = "NAME" };
    private readonly Option<bool> _device = new("--device") { Description = "Make the key and the ledger of a device, and nothing else." };
    private readonly PassphraseOptions _passphrase = new();

    public KeysInitCommand(ToolHost host, Option<bool> json)
        : base(
            host,
            json,
            "init",
            "Makes a publisher's, a license issuer's and a device's keys, and the public anchors that an application ships.",
            "coffer keys init keys --publisher acme",
            "coffer keys init issuer --issuer contoso",
            "coffer keys init device --device")
    {
        Add(_folder);
        Add(_publisher);
        Add(_issuer);
        Add(_device);
        _passphrase.AddTo(this);
    }

    protected override Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        var folder = line.GetRequiredValue(_folder);
        var (publisher, issuer, device) = (line.GetValue(_publisher), line.GetValue(_issuer), line.GetValue(_device));
        if ((publisher is null ? 0 : 1) + (issuer is null ? 0 : 1) + (device ? 1 : 0) > 1)
        {
            throw new FormatException("Give one of --publisher, --issuer and --device: each makes keys for another, and a publisher's folder has them all.");
        }

        var passphrase = _passphrase.Read(line, Host);
        var made = device ? InitDevice(folder, passphrase)
            : issuer is not null ? InitIssuer(folder, issuer, passphrase)
            : InitVendor(folder, publisher ?? DefaultPublisher(Environment.UserName), passphrase);
        if (output.IsJson)
        {
            output.Json(json => WriteJson(json, folder, made, !passphrase.IsEmpty));
        }
        else
        {
            WriteText(output, folder, made, !passphrase.IsEmpty);
        }

        return Task.FromResult(ExitCodes.Ok);
    }

    /// <summary>A user name in the alphabet of publishers: lowercase, with dashes for what it does not have.</summary>
    internal static string DefaultPublisher(string userName)
    {
        var name = string.Concat(userName.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' ? c : '-'));
        name = name[..Math.Min(name.Length, MaxPublisher)].Trim('-', '.', '_');
        return name.Length > 0 ? name : "publisher";
    }

    private Made InitVendor(string folder, string publisher, ReadOnlyMemory<char> passphrase)
    {
        var keys = KeyFolder.Create(folder, publisher, Host.Clock, passphrase);
        return new(
            $"The keys of publisher '{publisher}' are in {folder}.",
            "Back the secret files up, but device.key and device.ledger: a copied device could use its licenses twice.",
            [("publisher", publisher), ("folder", folder), ("trust", keys.TrustPath), ("deviceKey", keys.DeviceKeyPath), ("device", keys.DevicePath)],
            KeyFileRole.OfVendor);
    }

    private static Made InitIssuer(string folder, string issuer, ReadOnlyMemory<char> passphrase)
    {
        _ = KeyFolder.CreateIssuer(folder, issuer, passphrase);
        return new(
            $"The keys of license issuer '{issuer}' are in {folder}.",
            $"Send issuer.jwk to the publisher. Copy what it sends back: its grants into '{Path.Combine(folder, "grants")}', publisher.crt into '{folder}', the content of its trust folder into '{Path.Combine(folder, "trust")}'.",
            [("issuer", issuer), ("folder", folder), ("trust", Path.Combine(folder, "trust"))],
            KeyFileRole.OfIssuer(issuer));
    }

    private static Made InitDevice(string folder, ReadOnlyMemory<char> passphrase)
    {
        _ = KeyFolder.CreateDevice(folder, passphrase);
        return new(
            $"The keys of this device are in {folder}.",
            "Send device.jwk to who issues its licenses. Do not back device.key and device.ledger up: a copied device could use its licenses twice.",
            [("folder", folder), ("deviceKey", Path.Combine(folder, "device.key")), ("device", Path.Combine(folder, "device.jwk"))],
            KeyFileRole.OfDevice);
    }

    private static void WriteText(Output output, string folder, Made made, bool isProtected)
    {
        output.Line(made.Headline);
        if (isProtected)
        {
            output.Line("The private keys open with the passphrase alone; nobody can recover it.");
        }

        output.Line();
        output.Line("Secret, for you alone:");
        output.Table([.. made.Files.Where(file => file.IsSecret).Select(Row)]);
        output.Line();
        output.Line("Public:");
        output.Table([.. made.Files.Where(file => !file.IsSecret).Select(Row)]);
        output.Line();
        output.Line(made.Advice);

        string[] Row(KeyFileRole file) => ["  " + Path.Combine(folder, file.Name), file.Purpose];
    }

    private static void WriteJson(Utf8JsonWriter json, string folder, Made made, bool isProtected)
    {
        json.WriteStartObject();
        foreach (var (name, value) in made.Facts)
        {
            json.WriteString(name, value);
        }

        json.WriteBoolean("passphrase", isProtected);
        json.WriteStartArray("files");
        foreach (var file in made.Files)
        {
            json.WriteStartObject();
            json.WriteString("path", Path.Combine(folder, file.Name));
            json.WriteBoolean("secret", file.IsSecret);
            json.WriteString("purpose", file.Purpose);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private const int MaxPublisher = 64;

    private sealed record Made(string Headline, string Advice, IReadOnlyList<(string Name, string Value)> Facts, IReadOnlyList<KeyFileRole> Files);
}
