using System.CommandLine;
using Coffer.Bundles;

namespace Coffer.Cli.Commands;

/// <summary><c>coffer license show</c>: what a license says.</summary>
internal sealed class LicenseShowCommand : ToolCommand
{
    private readonly Argument<string> _license = new("LICENSE") { Description = "A license file." };

    public LicenseShowCommand(ToolHost host, Option<bool> json)
        : base(host, json, "show", "Shows what a license says, without checking who signed it.", "coffer license show digits.license", "coffer license show digits.license --json") => Add(_license);

    protected override Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        var path = line.GetRequiredValue(_license);
        var claims = License.Load(path).Claims;
        if (output.IsJson)
        {
            output.Json(json =>
            {
                json.WriteStartObject();
                json.WriteString("file", path);
                json.WriteBoolean("verified", false);
                LicenseText.WriteClaims(json, claims);
                json.WriteEndObject();
            });
        }
        else
        {
            output.Line($"{path}: nothing was verified. This is what the file says of itself; opening a model with it checks it.");
            output.Line();
            LicenseText.Write(output, claims, Host.Clock.GetUtcNow());
        }

        return Task.FromResult(ExitCodes.Ok);
    }
}
