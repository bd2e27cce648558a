using System.Numerics;
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

    /// <summary>Whether it takes any number of texts, of any length.</summary>
    public bool TakesRows => _ids.Dimensions is [{ Size: null }, { Size: null }];

    /// <summary>Whether a mask says what is padding.</summary>
    public bool TakesPadding => _mask is not null;

    /// <summary>Writes texts, a row each, padded on the right.</summary>
    /// <param name="call">A call of the graph.</param>
    /// <param name="texts">One or more.</param>
    /// <param name="padding">How long they are.</param>
    /// <param name="paddingToken">What fills the rows.</param>
    public void Write(IModelCall call, IReadOnlyList<int[]> texts, RowPadding padding, int paddingToken)
    {
        if (_ids.ElementType == ElementType.Int64)
        {
            WriteIds<long>(call, texts, padding.EncoderTokens, paddingToken);
        }
        else
        {
            WriteIds<int>(call, texts, padding.EncoderTokens, paddingToken);
        }

        long[] shape = [texts.Count, padding.EncoderTokens];
        if (_mask?.ElementType == ElementType.Int64)
        {
            padding.WriteEncoderMask(call.Input<long>(Mask, shape), texts.Count);
        }
        else if (_mask is not null)
        {
            padding.WriteEncoderMask(call.Input<int>(Mask, shape), texts.Count);
        }
    }

    private static void WriteIds<T>(IModelCall call, IReadOnlyList<int[]> texts, int width, int paddingToken)
        where T : unmanaged, IBinaryInteger<T>
    {
        var target = call.Input<T>(Ids, [texts.Count, width]);
        target.Fill(T.CreateChecked(paddingToken));
        for (var row = 0; row < texts.Count; row++)
        {
            TensorPrimitives.ConvertChecked(texts[row], target[(row * width)..]);
        }
    }

    private InferenceException Invalid(string what) => new(InferenceError.InvalidSettings, $"The graph '{_signature.Graph}' {what}. Export the model in Hugging Face's layout ('optimum-cli export onnx') and pack it again.");
}
