using System.CommandLine;
using Coffer.Packaging;

namespace Coffer.Cli.Commands;

/// <summary>How the packer proves that outputs are unchanged, and what of the original stays.</summary>
internal sealed class ProofOptions
{
    private readonly Option<string[]> _shapes = new("--shape") { Description = "The shape of an input for the proof, for example pixel_values=1x3x224x224. Repeatable.", HelpName = "INPUT=AxBxC" };
    private readonly Option<string[]> _dimensions = new("--dim") { Description = "The size of a free dimension for the proof, for example sequence_length=16. Repeatable.", HelpName = "SYMBOL=N" };
    private readonly Option<bool> _skip = new("--no-proof") { Description = "Pack without comparing outputs: for models that draw random numbers, or that this machine can't run." };
    private readonly Option<string[]> _metadata = new("--keep-metadata") { Description = "A key of the model's metadata that stays in the graph. Repeatable. Default: all is removed.", HelpName = "KEY" };

    public void AddTo(Command command)
    {
        command.Add(_shapes);
        command.Add(_dimensions);
        command.Add(_skip);
        command.Add(_metadata);
    }

    /// <summary>Null for no proof.</summary>
    /// <exception cref="FormatException">A value is not of the form that the option takes.</exception>
    public GraphProofOptions? Read(ParseResult line) => line.GetValue(_skip) ? null : GraphProofOptions.Default with
    {
        Shapes = Values.Pairs("--shape", line.GetValue(_shapes), Values.Shape),
        Dimensions = Values.Pairs("--dim", line.GetValue(_dimensions), Values.Dimension),
    };

    public IReadOnlyList<string> ReadKeptMetadata(ParseResult line) => line.GetValue(_metadata) ?? [];
}
