using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Coffer.Cli.Commands;
using Coffer.Onnx;

namespace Coffer.Cli;

/// <summary>The tool: from a command line to an exit code.</summary>
internal static class CofferTool
{
    private const string JsonOption = "--json";

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, ToolHost host, CancellationToken cancellationToken = default)
    {
        var json = new Option<bool>(JsonOption) { Description = "Write the result, and errors, as JSON.", Recursive = true };
        var library = new Option<string>("--ort-library") { Description = "Use another native ONNX Runtime: the path of its library.", HelpName = "PATH", Recursive = true };
        var root = BuildRoot(host, json);
        root.Add(json);
        root.Add(library);

        // An argument that begins with '@' is a file's name like any other.
        var line = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var output = new Output(host, arguments.Contains(JsonOption));
        if (FindProblem(line) is { } problem)
        {
            output.Fail(Failure.OfUsage($"{problem} See: {PathOf(line.CommandResult)} --help"));
            return ExitCodes.Usage;
        }

        try
        {
            if (line.GetValue(library) is { } path)
            {
                OnnxRuntimeLibrary.Use(path);
            }

            var configuration = new InvocationConfiguration { Output = host.Out, Error = host.Error, EnableDefaultExceptionHandler = false };
            if (line.CommandResult.Command is ToolCommand { Patience: { } patience })
            {
                configuration.ProcessTerminationTimeout = patience;
            }

            var code = await line.InvokeAsync(configuration, cancellationToken);
            if (code > ExitCodes.Signal)
            {
                // Ctrl+C met work that does not stop at once, and the parser gave it up: its clean-up has not run.
                host.ProgressConsole?.Cursor.Show(true);
                output.Fail(Failure.OfStop(code));
            }

            return code;
        }
        catch (Exception e) when (Failure.Of(e) is { } failure)
        {
            output.Fail(failure);
            return failure.ExitCode;
        }
        catch (Exception e)
        {
            host.Error.WriteLine($"coffer: This is a fault in coffer {Versions.Tool}; please report it with what follows.");
            host.Error.WriteLine(e);
            return ExitCodes.Fault;
        }
    }

    private static RootCommand BuildRoot(ToolHost host, Option<bool> json)
    {
        var root = new RootCommand("Packs ONNX models into encrypted, signed bundles, licenses them for devices, and runs them.")
        {
            new CommandGroup("keys", "Makes keys, and grants content keys to license issuers.", new KeysInitCommand(host, json), new KeysGrantCommand(host, json)),
            new PackCommand(host, json),
            new RekeyCommand(host, json),
            new TimestampCommand(host, json),
            new InspectCommand(host, json),
            new VerifyCommand(host, json),
            new CommandGroup(
                "license",
                "Issues, renews, passes on, revokes and shows licenses, and what was used of them.",
                new LicenseIssueCommand(host, json),
                new LicenseRenewCommand(host, json),
                new LicenseNarrowCommand(host, json),
                new LicenseRevokeCommand(host, json),
                new LicenseShowCommand(host, json),
                new LicenseReceiptCommand(host, json),
                new LicenseAuditCommand(host, json)),
            new CommandGroup("status", "Publishes what an issuer revoked.", new StatusInitCommand(host, json), new StatusPublishCommand(host, json), new StatusShowCommand(host, json)),
            new CommandGroup("issuers", "Says who may license a publisher's models.", new IssuersPublishCommand(host, json), new IssuersShowCommand(host, json)),
            new RunCommand(host, json),
            new BenchCommand(host, json),
            new ServeCommand(host, json),
            new DoctorCommand(host, json),
        };
        root.HelpName = "coffer";
        foreach (var option in root.Options)
        {
            option.Action = option.Action switch
            {
                HelpAction help => new HelpWithExamples(help),
                not null when option is VersionOption => new PrintVersion(),
                var action => action,
            };
        }

        return root;
    }

    /// <summary>What is wrong with the command line; null for nothing.</summary>
    private static string? FindProblem(ParseResult line)
    {
        var command = line.CommandResult.Command;
        if (line.Action is ParseErrorAction)
        {
            return command.Subcommands.Count == 0 ? string.Join(' ', line.Errors.Select(error => error.Message))
                : line.UnmatchedTokens.Count > 0 ? $"There is no command '{line.UnmatchedTokens[0]}', only {Names(command)}."
                : $"Say what to do: {Names(command)}.";
        }

        // The parser takes an option that it does not know for a file's name; behind '--' it may be one.
        var positional = command.Arguments.SelectMany(argument => line.GetResult(argument)?.Tokens ?? []);
        return !line.Tokens.Any(token => token.Type == TokenType.DoubleDash) && positional.FirstOrDefault(IsOption) is { } unknown
            ? $"There is no option '{unknown.Value}'; a file of that name goes behind '--'."
            : null;
    }

    private static bool IsOption(Token token) => token.Value is ['-', _, ..];

    private static string Names(Command command) => string.Join(", ", command.Subcommands.Select(subcommand => subcommand.Name));

    private static string PathOf(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{PathOf(parent)} {command.Command.Name}" : "coffer";

    private sealed class PrintVersion : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine(Versions.Tool);
            return ExitCodes.Ok;
        }
    }
}
