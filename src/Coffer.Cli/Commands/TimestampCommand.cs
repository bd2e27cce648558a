using System.CommandLine;
using Coffer.Bundles;

namespace Coffer.Cli.Commands;

/// <summary><c>coffer timestamp</c>: has an authority confirm when a bundle was signed.</summary>
internal sealed class TimestampCommand : ToolCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "The bundle; its signature gains the timestamp, or another one." };
    private readonly Option<string> _url = new("--url") { Description = "The address of an RFC 3161 timestamp authority.", HelpName = "URL", Required = true };

    public TimestampCommand(ToolHost host, Option<bool> json)
        : base(
            host,
            json,
            "timestamp",
            "Has a timestamp authority confirm when a bundle was signed, so that it outlives its signing certificate.",
            "coffer timestamp digits.coffer --url http://timestamp.example.com")
    {
        Add(_url);
        Add(_file);
    }

    protected override async Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        var url = line.GetRequiredValue(_url);
        if (!Uri.TryCreate(url, UriKind.Absolute, out var authority) || authority.Scheme is not ("http" or "https"))
        {
            throw new FormatException($"--url is '{url}', which is no http or https address.");
        }

        var path = line.GetRequiredValue(_file);
        using var client = new HttpClient();
        var time = await BundleTimestamp.RequestAsync(path, client, authority, cancellationToken);
        if (output.IsJson)
        {
            output.Json(json =>
            {
                json.WriteStartObject();
                json.WriteString("file", path);
                json.WriteString("timestamp", Text.Stamp(time));
                json.WriteEndObject();
            });
        }
        else
        {
            output.Line($"{path}: signed before {Text.Of(time)}, says {authority.Host}.");
            output.Line("Readers need the authority's root in PUBLISHER/timestamp/ of their trust folder; without it they refuse the bundle.");
        }

        return ExitCodes.Ok;
    }
}
