using System.CommandLine;
using Coffer.Bundles;

namespace Coffer.Cli.Commands;

/// <summary><c>coffer rekey</c>: the same model under new content keys.</summary>
internal sealed class RekeyCommand : ToolCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "The bundle; it is verified first." };
    private readonly Option<string> _keys = new("--keys") { Description = "The publisher's keys, as 'coffer keys init' makes them.", HelpName = "DIR", Required = true };
    private readonly Option<string> _output = new("--output", "-o") { Description = "The bundle to write; one that is there is replaced when the new one is whole.", HelpName = "FILE", Required = true };
    private readonly PassphraseOptions _passphrase = new();

    public RekeyCommand(ToolHost host, Option<bool> json)
        : base(
            host,
            json,
            "rekey",
            "Packs a bundle again under new content keys: licenses of the old one do not open it.",
            "coffer rekey digits.coffer --keys keys -o digits-2.coffer")
    {
        Add(_keys);
        Add(_output);
        _passphrase.AddTo(this);
        Add(_file);
    }

    protected override async Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        var path = line.GetRequiredValue(_output);
        await BundleRekeyer.RekeyAsync(line.GetRequiredValue(_file), path, KeyFolder.Open(line.GetRequiredValue(_keys), _passphrase.Read(line, Host)), Host.Clock, cancellationToken: cancellationToken);
        using var bundle = SignedBundle.Open(path);
        if (output.IsJson)
        {
            output.Json(json =>
            {
                json.WriteStartObject();
                json.WriteString("file", path);
                json.WriteNumber("length", bundle.Length);
                ManifestText.WriteModel(json, bundle.Manifest, bundle.ManifestDigest);
                ManifestText.WriteDetails(json, bundle.Manifest, bundle.ReadSignature());
                json.WriteEndObject();
            });
        }
        else
        {
            output.Line($"{path}: {bundle.Manifest.Id} {bundle.Manifest.Version} under {string.Join(", ", bundle.Manifest.KeyIds.OrderBy(pair => pair.Key).Select(pair => pair.Value))}.");
            output.Line("Issue new licenses for it; those of the old bundle do not open it.");
        }

        return ExitCodes.Ok;
    }
}
