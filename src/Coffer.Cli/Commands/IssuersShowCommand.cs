using System.CommandLine;
using Coffer.Bundles;

namespace Coffer.Cli.Commands;

/// <summary><c>coffer issuers show</c>: what an issuer set says, and whether it is to be trusted.</summary>
internal sealed class IssuersShowCommand : ToolCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "An issuer set file." };
    private readonly Option<string> _trust = new("--trust") { Description = "A folder of trust anchors: verifies the file as an application with them would.", HelpName = "DIR" };

    public IssuersShowCommand(ToolHost host, Option<bool> json)
        : base(host, json, "show", "Shows who may license a publisher's models by its issuer set, and verifies it with --trust.", "coffer issuers show issuers.set --trust keys/trust", "coffer issuers show issuers.set --json")
    {
        Add(_file);
        Add(_trust);
    }

    protected override Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        var path = line.GetRequiredValue(_file);
        var file = IssuerSetFile.Load(path);
        var trust = line.GetValue(_trust);
        if (trust is not null)
        {
            _ = TrustStore.FromDirectory(trust, Host.Clock).Update(file, Host.Clock);
        }

        if (output.IsJson)
        {
            output.Json(json =>
            {
                json.WriteStartObject();
                json.WriteString("file", path);
                json.WriteBoolean("verified", trust is not null);
                IssuerSetText.WriteVersions(json, file);
                json.WriteEndObject();
            });
        }
        else
        {
            output.Line(trust is null
                ? $"{path}: nothing was verified. This is what the file says of itself; --trust checks it."
                : $"{path}: verified. '{file.Publisher}' signed it, and {trust} leads to it.");
            output.Line();
            IssuerSetText.Write(output, file, Host.Clock.GetUtcNow());
        }

        return Task.FromResult(ExitCodes.Ok);
    }
}
