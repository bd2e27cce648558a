using System.CommandLine;
using Coffer.Bundles;

namespace Coffer.Cli.Commands;

/// <summary><c>coffer status publish</c>: signs an issuer's status list as its register has it now.</summary>
internal sealed class StatusPublishCommand : ToolCommand
{
    private readonly Option<string> _keys = new("--keys") { Description = "The issuer's keys, with the register that 'coffer status init' makes.", HelpName = "DIR", Required = true };
    private readonly Option<string> _output = new("--output", "-o") { Description = "The list to write; one that is there is replaced.", HelpName = "FILE", Required = true };
    private readonly Option<string> _expires = new("--expires") { Description = "How long the list says something fresh: 7d, 12h. Publish again before that is over, even if nothing changed. Default: for ever, which leaves it to the licenses' --offline.", HelpName = "SPAN" };
    private readonly PassphraseOptions _passphrase = new();

    public StatusPublishCommand(ToolHost host, Option<bool> json)
        : base(
            host,
            json,
            "publish",
            "Signs the list of what you revoked, for the address that your licenses name.",
            "coffer status publish --keys keys -o acme.status",
            "coffer status publish --keys keys --expires 7d -o acme.status")
    {
        Add(_keys);
        Add(_output);
        Add(_expires);
        _passphrase.AddTo(this);
    }

    protected override Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        var keys = KeyFolder.Open(line.GetRequiredValue(_keys), _passphrase.Read(line, Host));
        var lifetime = line.GetValue(_expires) is { } expires ? Values.Span("--expires", expires) : (TimeSpan?)null;
        var register = IssuerStatus.Open(keys);
        using var key = keys.OpenIssuerKey();
        var text = register.Publish(keys.Issuer, key, lifetime, Host.Clock);
        var path = line.GetRequiredValue(_output);
        Write(path, text);
        var list = StatusList.Parse(text);
        if (output.IsJson)
        {
            output.Json(json =>
            {
                json.WriteStartObject();
                json.WriteString("file", path);
                StatusText.WriteList(json, list);
                json.WriteEndObject();
            });
        }
        else
        {
            output.Line($"{path}: the status list of '{list.Issuer}'. Put it at {list.Uri}, or carry it to devices that are never online.");
            output.Line();
            StatusText.Write(output, list, Host.Clock.GetUtcNow());
        }

        return Task.FromResult(ExitCodes.Ok);
    }

    // A web server may be reading the file that is there: it gets the old list or the new one, and never half of one.
    private static void Write(string path, string text)
    {
        var next = path + ".new";
        File.WriteAllText(next, text);
        File.Move(next, path, overwrite: true);
    }
}
