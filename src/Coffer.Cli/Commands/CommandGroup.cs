using System.CommandLine;

namespace Coffer.Cli.Commands;

/// <summary>Commands under a common first word.</summary>
internal sealed class CommandGroup : Command
{
    public CommandGroup(string name, string description, params ReadOnlySpan<ToolCommand> commands)
        : base(name, description)
    {
        foreach (var command in commands)
        {
            Add(command);
        }
    }
}
