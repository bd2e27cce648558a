using System.CommandLine;
using Coffer.Bundles;

namespace Coffer.Cli.Commands;

/// <summary><c>coffer status show</c>: what a status list says, and whether a trusted issuer signed it.</summary>
internal sealed class StatusShowCommand : ToolCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "A status list." };
    private readonly Option<string> _trust = new("--trust") { Description = "A folder of trust anchors: says whether a license issuer there signed the list.", HelpName = "DIR" };

    public StatusShowCommand(ToolHost host, Option<bool> json)
        : base(host, json, "show", "Shows what a status list revokes, and with --trust whether an issuer signed it.", "coffer status show acme.status --trust keys/trust", "coffer status show acme.status --json")
    {
        Add(_file);
        Add(_trust);
    }

    protected override Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        var path = line.GetRequiredValue(_file);
        var list = StatusList.Load(path);
        var trust = line.GetValue(_trust);
        if (trust is not null)
        {
            RequireSigned(list, trust);
        }

        if (output.IsJson)
        {
            output.Json(json =>
            {
                json.WriteStartObject();
                json.WriteString("file", path);
                json.WriteBoolean("verified", trust is not null);
                StatusText.WriteList(json, list);
                json.WriteEndObject();
            });
        }
        else
        {
            output.Line(trust is null
                ? $"{path}: nothing was verified. This is what the file says of itself; --trust checks it."
                : $"{path}: verified. '{list.Issuer}' signed it, a license issuer in {trust}.");
            output.Line();
            StatusText.Write(output, list, Host.Clock.GetUtcNow());
        }

        return Task.FromResult(ExitCodes.Ok);
    }

    private void RequireSigned(StatusList list, string trust)
    {
        var issuers = TrustStore.FromDirectory(trust, Host.Clock).Publishers.Values.SelectMany(publisher => publisher.Issuers);
        if (!issuers.Any(issuer => issuer.Name == list.Issuer && list.IsSignedBy(issuer.Key)))
        {
            throw new LicenseException(LicenseError.StatusInvalid, $"No license issuer in '{trust}' signed the status list: it says that it is of '{list.Issuer}'. Fetch it again from {list.Uri}; the list of a delegate is checked with the licenses that it passed on.");
        }
    }
}
