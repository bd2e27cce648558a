using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Coffer.Cli.Commands;

namespace Coffer.Cli;

/// <summary>The parser's own help, and below it how the command is used.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var code = help.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Example:");
        foreach (var example in ExamplesOf(parseResult.CommandResult.Command))
        {
            output.WriteLine($"  {example}");
        }

        output.WriteLine();
        return code;
    }

    // A group's examples are those of the commands in it.
    private static IEnumerable<string> ExamplesOf(Command command) =>
        command is ToolCommand tool ? tool.Examples : command.Subcommands.SelectMany(ExamplesOf);
}
