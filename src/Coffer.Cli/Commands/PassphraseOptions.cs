using System.CommandLine;

namespace Coffer.Cli.Commands;

/// <summary>The passphrase of private key files. It is never an argument: those are in every process list.</summary>
internal sealed class PassphraseOptions
{
    /// <summary>The environment variable that holds the passphrase where no file does.</summary>
    public const string Variable = "COFFER_PASSPHRASE";

    private readonly Option<string> _file = new("--passphrase-file")
    {
        Description = $"The passphrase of the private key files: the first line of this file. Default: the variable {Variable}, or none.",
        HelpName = "FILE",
    };

    public void AddTo(Command command) => command.Add(_file);

    /// <summary>The passphrase; empty for none.</summary>
    public ReadOnlyMemory<char> Read(ParseResult line, ToolHost host)
    {
        if (line.GetValue(_file) is not { } path)
        {
            return (host.Passphrase ?? "").AsMemory();
        }

        using var reader = new StreamReader(path);
        return reader.ReadLine() is { Length: > 0 } passphrase
            ? passphrase.AsMemory()
            : throw new FormatException($"--passphrase-file is '{path}', whose first line is empty. Write the passphrase there, or leave the option out for keys without one.");
    }
}
