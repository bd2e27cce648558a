using Coffer.Inference;
using Coffer.Remote;

namespace Coffer.Server;

/// <summary>A graph under the name that callers know: the model's for its main graph, <c>model.graph</c> for each other.</summary>
internal sealed record ServedGraph(string Name, ServedModel Model, string Graph)
{
    private const int MaxNamed = 256;

    public ModelSignature Signature => Model.Describe(Graph);

    /// <summary>Outputs of types that no protocol has are not spoken of.</summary>
    public IReadOnlyList<TensorDescription> Outputs => [.. Signature.Outputs.Where(output => output.ElementType != ElementType.Unsupported)];

    /// <summary>A place for the content of an input.</summary>
    /// <exception cref="ServingException">There is no such input.</exception>
    public RemoteTensor Input(string name) => new(Name, "Input", Signature.Inputs.FirstOrDefault(input => input.Name == name) ?? throw Unknown("input", name, Signature.Inputs));

    /// <exception cref="ServingException">There is no such output.</exception>
    public TensorDescription Output(string name) => Signature.Outputs.FirstOrDefault(output => output.Name == name) ?? throw Unknown("output", name, Signature.Outputs);

    public ValueTask<T> RunAsync<T>(IReadOnlyList<RemoteTensor> inputs, Func<IModelCall, ModelSignature, T> read, CancellationToken cancellationToken)
    {
        for (var i = 1; i < inputs.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (inputs[i].Name == inputs[j].Name)
                {
                    throw ServingException.Invalid($"{inputs[i].Label} is given twice.");
                }
            }
        }

        return Model.RunAsync(Graph, inputs, read, cancellationToken);
    }

    private ServingException Unknown(string kind, string name, IReadOnlyList<TensorDescription> known) => ServingException.Invalid(
        $"Model '{Name}' has no {kind} '{(name.Length > MaxNamed ? name[..MaxNamed] : name)}'. It has {string.Join(", ", known.Select(tensor => $"'{tensor.Name}'"))}.");
}
