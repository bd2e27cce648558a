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

    // A group shows one example of each command in it.
    private static IEnumerable<string> ExamplesOf(Command command) =>
        command is ToolCommand tool ? tool.Examples : command.Subcommands.SelectMany(FirstExamplesOf);

    private static IEnumerable<string> FirstExamplesOf(Command command) =>
        command is ToolCommand tool ? tool.Examples.Take(1) : ExamplesOf(command);
}
