using System.CommandLine;
using Coffer.Bundles;

namespace Coffer.Cli.Commands;

/// <summary><c>coffer inspect</c>: what a bundle says of itself in the open.</summary>
internal sealed class InspectCommand : ToolCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "A bundle." };

    public InspectCommand(ToolHost host, Option<bool> json)
        : base(host, json, "inspect", "Shows what a bundle says of itself, without a key and without checking anything.", "coffer inspect digits.coffer", "coffer inspect digits.coffer --json") => Add(_file);

    protected override Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        var path = line.GetRequiredValue(_file);
        using var bundle = SignedBundle.Open(path);
        if (output.IsJson)
        {
            output.Json(json =>
            {
                json.WriteStartObject();
                json.WriteString("file", path);
                json.WriteNumber("length", bundle.Length);
                json.WriteBoolean("verified", false);
                ManifestText.WriteModel(json, bundle.Manifest, bundle.ManifestDigest);
                ManifestText.WriteDetails(json, bundle.Manifest, bundle.ReadSignature());
                json.WriteEndObject();
            });
        }
        else
        {
            var signature = bundle.ReadSignature();
            output.Line($"{path}: nothing was verified. This is what the file says of itself; 'coffer verify' checks it.");
            output.Line();
            ManifestText.Write(output, bundle.Manifest, bundle.ManifestDigest, bundle.Length, signature);
            output.Line();
            ManifestText.WriteParts(output, bundle.Manifest);
        }

        return Task.FromResult(ExitCodes.Ok);
    }
}
