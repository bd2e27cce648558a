using System.CommandLine;
using Coffer.Cli.Diagnosis;

namespace Coffer.Cli.Commands;

/// <summary><c>coffer doctor</c>: what this machine has to run models with, and what is missing.</summary>
internal sealed class DoctorCommand : ToolCommand
{
    private readonly Option<string> _keys = new("--keys")
    {
        Description = "The folder whose file system is tried for private files; an empty file is made there and removed. Default: this one.",
        HelpName = "DIR",
        DefaultValueFactory = _ => ".",
    };

    public DoctorCommand(ToolHost host, Option<bool> json)
        : base(host, json, "doctor", "Examines this machine: native runtime, execution providers, processor, picture decoder, key store.", "coffer doctor", "coffer doctor --json") => Add(_keys);

    protected override Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        var report = MachineReport.Examine(line.GetRequiredValue(_keys));
        if (output.IsJson)
        {
            MachineReportText.WriteJson(output, report);
        }
        else
        {
            MachineReportText.Write(output, report);
        }

        return Task.FromResult(report.IsSound ? ExitCodes.Ok : ExitCodes.Device);
    }
}
