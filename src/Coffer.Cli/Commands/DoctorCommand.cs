using System.CommandLine;
using Coffer.Cli.Diagnosis;
using Coffer.Onnx;

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

    private readonly Option<string[]> _plugIns = new("--plug-in") { Description = "A plug-in execution provider to examine, by its name and its library, which is loaded. Repeatable.", HelpName = "NAME=LIBRARY" };

    public DoctorCommand(ToolHost host, Option<bool> json)
        : base(host, json, "doctor", "Examines this machine: native runtime, execution providers, processor, picture decoder, key store.", "coffer doctor", "coffer doctor --plug-in QNN=libonnxruntime_providers_qnn.so", "coffer doctor --json")
    {
        Add(_keys);
        Add(_plugIns);
    }

    protected override Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        var plugIns = Values.Pairs("--plug-in", line.GetValue(_plugIns), static (_, library) => library);
        var report = MachineReport.Examine(line.GetRequiredValue(_keys), [.. plugIns.Select(plugIn => PlugIn(plugIn.Key, plugIn.Value))]);
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

    private static ExecutionProvider PlugIn(string name, string library)
    {
        try
        {
            return ExecutionProvider.PlugIn(name, library);
        }
        catch (ArgumentException)
        {
            throw Values.Bad("--plug-in", $"{name}={library}", "the name that the library gives its provider, which is not the processor's, and the library");
        }
    }
}
