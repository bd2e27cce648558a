using System.CommandLine;

namespace Coffer.Cli.Commands;

/// <summary>A command that does something: its options are its fields, its examples are in its help.</summary>
internal abstract class ToolCommand : Command
{
    protected ToolCommand(ToolHost host, Option<bool> json, string name, string description, params string[] examples)
        : base(name, description)
    {
        Host = host;
        Examples = examples;

        // Off the caller's thread, so that Ctrl+C reaches a command that computes.
        SetAction((line, cancellationToken) => Task.Run(() => RunAsync(line, new Output(host, line.GetValue(json)), cancellationToken), cancellationToken));
    }

    public IReadOnlyList<string> Examples { get; }

    protected ToolHost Host { get; }

    /// <summary>How long the command may take to end after Ctrl+C. Null for the parser's own: two seconds.</summary>
    public virtual TimeSpan? Patience => null;

    /// <summary>Does it.</summary>
    /// <returns>The exit code.</returns>
    protected abstract Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken);
}
