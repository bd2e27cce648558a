using System.CommandLine;
using Coffer.Bundles;

namespace Coffer.Cli.Commands;

/// <summary><c>coffer keys init</c>: every key of a small vendor in one folder.</summary>
internal sealed class KeysInitCommand : ToolCommand
{
    private readonly Argument<string> _folder = new("DIR") { Description = "The folder to make; keys that are there are never overwritten." };
    private readonly Option<string> _publisher = new("--publisher")
    {
        Description = "The publisher's name, the first half of every model's id: 1 to 64 of a-z, 0-9, '.', '_', '-'. Default: your user name in that alphabet.",
        HelpName = "NAME",
    };

    public KeysInitCommand(ToolHost host, Option<bool> json)
        : base(host, json, "init", "Makes a publisher's, a license issuer's and a device's keys, and the public anchors that an application ships.", "coffer keys init keys --publisher acme")
    {
        Add(_folder);
        Add(_publisher);
    }

    protected override Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        var publisher = line.GetValue(_publisher) ?? DefaultPublisher(Environment.UserName);
        var keys = KeyFolder.Create(line.GetRequiredValue(_folder), publisher, Host.Clock);
        if (output.IsJson)
        {
            WriteJson(output, keys);
        }
        else
        {
            WriteText(output, keys);
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

    private static void WriteText(Output output, KeyFolder keys)
    {
        output.Line($"The keys of publisher '{keys.Publisher}' are in {keys.Path}.");
        output.Line();
        output.Line("Secret, for you alone:");
        output.Table([.. Made.Where(file => file.IsSecret).Select(file => Row(keys, file))]);
        output.Line();
        output.Line("Public:");
        output.Table([.. Made.Where(file => !file.IsSecret).Select(file => Row(keys, file))]);
        output.Line();
        output.Line("Back the secret files up, but device.key and device.ledger: a copied device could use its licenses twice.");
    }

    private static void WriteJson(Output output, KeyFolder keys) => output.Json(json =>
    {
        json.WriteStartObject();
        json.WriteString("publisher", keys.Publisher);
        json.WriteString("folder", keys.Path);
        json.WriteString("trust", keys.TrustPath);
        json.WriteString("deviceKey", keys.DeviceKeyPath);
        json.WriteString("device", keys.DevicePath);
        json.WriteStartArray("files");
        foreach (var file in Made)
        {
            json.WriteStartObject();
            json.WriteString("path", Path.Combine(keys.Path, file.Name));
            json.WriteBoolean("secret", file.IsSecret);
            json.WriteString("purpose", file.Purpose);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static string[] Row(KeyFolder keys, KeyFileRole file) => ["  " + Path.Combine(keys.Path, file.Name), file.Purpose];

    private const int MaxPublisher = 64;

    private sealed record KeyFileRole(string Name, bool IsSecret, string Purpose);

    private static readonly KeyFileRole[] Made =
    [
        new("root.key", true, "certifies publisher.key and signs the first issuer set; seldom needed, so keep it offline"),
        new("publisher.key", true, "signs bundles and opens the content keys"),
        new("content", true, "the content keys of packed models, wrapped to publisher.key"),
        new("issuer.key", true, "signs licenses"),
        new("grants", true, "the content keys that the issuer may license, wrapped to issuer.key"),
        new("device.key", true, "this machine as a device; a product makes one on each machine"),
        new("device.ledger", true, "what this device has used of its licenses"),
        new("trust", false, "whom an application trusts: ship this folder with it"),
        new("device.jwk", false, "this device, for who issues its licenses"),
        new("issuer.jwk", false, "the issuer, for a publisher's grants"),
        new("publisher.crt", false, "the signing certificate, which goes into every bundle"),
    ];
}
