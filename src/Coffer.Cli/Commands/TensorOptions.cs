using System.CommandLine;

namespace Coffer.Cli.Commands;

/// <summary>Named tensors in and out, for a model without a predictor.</summary>
internal sealed class TensorOptions
{
    private readonly Option<string[]> _inputs = new("--input") { Description = "A tensor for an input of the graph, from NumPy's .npy file. Repeatable.", HelpName = "NAME=FILE.npy" };
    private readonly Option<string> _folder = new("--output-dir") { Description = "The folder that gets an .npy file for each output; made if it is not there.", HelpName = "DIR" };
    private readonly Option<string> _graph = new("--graph") { Description = "Which graph to run, where a model has several.", HelpName = "NAME" };

    /// <param name="Inputs">Paths of .npy files by name.</param>
    /// <param name="Folder">Where outputs go; null for nowhere.</param>
    /// <param name="Graph">Null for the only one.</param>
    public sealed record Request(IReadOnlyDictionary<string, string> Inputs, string? Folder, string? Graph)
    {
        public bool IsGiven => Inputs.Count > 0;
    }

    public void AddTo(Command command)
    {
        command.Add(_inputs);
        command.Add(_folder);
        command.Add(_graph);
    }

    /// <exception cref="FormatException">An input has no name or is given twice.</exception>
    public Request Read(ParseResult line) =>
        new(Values.Pairs("--input", line.GetValue(_inputs), (_, path) => path), line.GetValue(_folder), line.GetValue(_graph));
}
