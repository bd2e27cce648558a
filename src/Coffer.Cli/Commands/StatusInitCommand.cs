using System.CommandLine;
using Coffer.Bundles;

namespace Coffer.Cli.Commands;

/// <summary><c>coffer status init</c>: makes an issuer's register of what it revokes.</summary>
internal sealed class StatusInitCommand : ToolCommand
{
    private readonly Option<string> _keys = new("--keys") { Description = "The issuer's keys, as 'coffer keys init' makes them; the register is status.json there.", HelpName = "DIR", Required = true };
    private readonly Option<string> _uri = new("--uri") { Description = "Where you will publish the list, https or http. Licenses carry it, so it can't change later.", HelpName = "URL", Required = true };

    public StatusInitCommand(ToolHost host, Option<bool> json)
        : base(host, json, "init", "Makes the register of what you revoke; back it up with issuer.key.", "coffer status init --keys keys --uri https://licenses.example.com/acme.status")
    {
        Add(_keys);
        Add(_uri);
    }

    protected override Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        var folder = line.GetRequiredValue(_keys);
        var keys = KeyFolder.Open(folder);
        var register = StatusRegister.Create(IssuerStatus.PathIn(keys), line.GetRequiredValue(_uri));
        if (output.IsJson)
        {
            output.Json(json =>
            {
                json.WriteStartObject();
                json.WriteString("file", IssuerStatus.PathIn(keys));
                json.WriteString("issuer", keys.Issuer);
                json.WriteString("uri", register.Uri);
                json.WriteEndObject();
            });
        }
        else
        {
            output.Line($"{IssuerStatus.PathIn(keys)}: the register of what '{keys.Issuer}' revokes. A lost one revokes nothing any more: back it up with issuer.key.");
            output.Line();
            output.Line("Licenses that are issued with --status or --offline have a place in it. Publish the list before the first of them is used:");
            output.Line($"  coffer status publish --keys {folder} -o FILE, and put FILE at {register.Uri}");
        }

        return Task.FromResult(ExitCodes.Ok);
    }
}
