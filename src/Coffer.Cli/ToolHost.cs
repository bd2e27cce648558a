using System.Text;
using Coffer.Cli.Commands;
using Spectre.Console;

namespace Coffer.Cli;

/// <summary>What the tool reads and writes beside files: a console, or a test's stand-in.</summary>
/// <param name="Out">Gets the result and nothing else.</param>
/// <param name="Error">Gets everything that is said on the way.</param>
internal sealed record ToolHost(TextWriter Out, TextWriter Error)
{
    /// <summary>What tells the time of licenses and certificates.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The passphrase of private key files where no option names a file with it; null for none.</summary>
    public string? Passphrase { get; init; }

    /// <summary>The token that callers of <c>coffer serve</c> show, where no option names a file with it; null for none.</summary>
    public string? ServerToken { get; init; }

    /// <summary>Where progress is drawn; null where nobody watches: standard error is not a terminal.</summary>
    public IAnsiConsole? ProgressConsole { get; init; }

    public static ToolHost FromConsole()
    {
        // Labels and file names are Unicode; a console that can't show one shows a question mark.
        Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        return new ToolHost(Console.Out, Console.Error)
        {
            Passphrase = Environment.GetEnvironmentVariable(PassphraseOptions.Variable),
            ServerToken = Environment.GetEnvironmentVariable(ListenOptions.TokenVariable),
            ProgressConsole = Console.IsErrorRedirected ? null : AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }),
        };
    }
}
