using System.Numerics.Tensors;
using Coffer.Inference;

namespace Coffer.Text;

/// <summary>What an encoder's graph takes and gives, by Hugging Face's names, checked once.</summary>
internal sealed class EncoderGraph
{
    public const string States = "last_hidden_state";
    private const string Ids = "input_ids";
    private const string Mask = "attention_mask";

    private readonly ModelSignature _signature;
    private readonly TensorDescription _ids;
    private readonly TensorDescription? _mask;

    /// <exception cref="InferenceException">It is no encoder that Coffer can run (<see cref="InferenceError.InvalidSettings"/>).</exception>
    public EncoderGraph(ModelSignature signature)
    {
        _signature = signature;
        _ids = signature.Inputs.FirstOrDefault(input => input.Name == Ids) ?? throw Invalid($"has no input named {Ids}");
        _mask = signature.Inputs.FirstOrDefault(input => input.Name == Mask);
        var output = signature.Outputs.FirstOrDefault(output => output.Name == States) ?? throw Invalid($"has no output named {States}");
        ElementType = output.ElementType is ElementType.Float32 or ElementType.Float16 ? output.ElementType : throw Invalid($"gives {output}, which is neither float32 nor float16");
        if (signature.Inputs.FirstOrDefault(input => input.Name is not (Ids or Mask) || input.ElementType is not (ElementType.Int64 or ElementType.Int32) || input.AnyRank || input.Dimensions.Count != 2) is { } odd)
        {
            throw Invalid($"takes {odd}, which is not {Ids} or {Mask} [batch, tokens] of int64 or int32");
        }
    }

    public string Name => _signature.Graph;

    public ElementType ElementType { get; }

    /// <summary>Writes one text.</summary>
    public void Write(IModelCall call, ReadOnlySpan<int> tokens)
    {
        if (_ids.ElementType == ElementType.Int64)
        {
            TensorPrimitives.ConvertChecked(tokens, call.Input<long>(Ids, [1, tokens.Length]));
        }
        else
        {
            tokens.CopyTo(call.Input<int>(Ids, [1, tokens.Length]));
        }

        if (_mask is null)
        {
            return;
        }

        if (_mask.ElementType == ElementType.Int64)
        {
            call.Input<long>(Mask, [1, tokens.Length]).Fill(1);
        }
        else
        {
            call.Input<int>(Mask, [1, tokens.Length]).Fill(1);
        }
    }

    private InferenceException Invalid(string what) => new(InferenceError.InvalidSettings, $"The graph '{_signature.Graph}' {what}. Export the model in Hugging Face's layout ('optimum-cli export onnx') and pack it again.");
}
