using Coffer.Inference;
using Coffer.Onnx;
using Coffer.Tests.Onnx;
using Coffer.Tests.Vision;
using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>A model that tests/architectures/decoders.py wrote: its graphs, its files, and its predictors by the layout that is asked for.</summary>
internal sealed class ExportedArchitecture : IDisposable
{
    private readonly IReadOnlyList<string> _names;

    /// <param name="name">gpt2, llama, t5 or marian.</param>
    /// <param name="without">Graphs that are left out.</param>
    public ExportedArchitecture(string name, params string[] without)
    {
        Folder = Repository.File("tests", "architectures", "decoders", name);
        Files = Directory.GetFiles(Folder).ToDictionary(file => Path.GetFileName(file), file => (ReadOnlyMemory<byte>)File.ReadAllBytes(file), StringComparer.Ordinal);
        string[] graphs = [.. Directory.GetFiles(Path.Combine(Folder, "onnx")).Order(StringComparer.Ordinal)];
        Runner = new OnnxModelRunner([.. graphs.Select(graph => new TestGraph().Create(Path.GetFileNameWithoutExtension(graph), File.ReadAllBytes(graph)))], ExecutionOptions.Default);
        _names = [.. graphs.Select(graph => Path.GetFileNameWithoutExtension(graph)).Except(without)];
        IsDecoder = _names.Contains("model");
    }

    public string Folder { get; }

    public Dictionary<string, ReadOnlyMemory<byte>> Files { get; }

    public OnnxModelRunner Runner { get; }

    public bool IsDecoder { get; }

    public FakePredictorContext Context { get; } = new();

    public Tokenizer Tokenizer => field ??= Tokenizer.FromFiles(Files);

    public TextGenerator CreateGenerator() => new(Runner, _names, Files, Context);

    public Translator CreateTranslator() => new(Runner, _names, Files, Context);

    public Summarizer CreateSummarizer() => new(Runner, _names, Files, Context);

    /// <summary>Generates by its architecture's predictor. T5 gets no prefix but the one in the text, and no task's settings.</summary>
    public GeneratedText Generate(string text, TextGeneratorOptions options)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        if (IsDecoder)
        {
            using var generator = CreateGenerator();
            return generator.Predict(text, options, cancellationToken).Value;
        }

        var model = GenerationModel.OfEncoderDecoder(Runner, _names, Files);
        return new TextGeneration(model, Context).Predict(Request(model, text, options), cancellationToken).Value;
    }

    /// <summary>Generates for all of them by one call, as its architecture's predictor does.</summary>
    /// <param name="texts">The prompts.</param>
    /// <param name="options">How.</param>
    /// <param name="runner">What stands before its runner; null for none.</param>
    public async Task<GeneratedText[]> GenerateBatchAsync(IReadOnlyList<string> texts, TextGeneratorOptions options, IModelRunner? runner = null)
    {
        var model = IsDecoder ? GenerationModel.OfDecoder(runner ?? Runner, _names, Files) : GenerationModel.OfEncoderDecoder(runner ?? Runner, _names, Files);
        var predictions = await new TextGeneration(model, Context).PredictManyAsync([.. texts.Select(text => Request(model, text, options))], TestContext.Current.CancellationToken);
        return [.. predictions.Select(prediction => prediction.Value)];
    }

    /// <summary>The scores of the token after a text's last, by one run without a cache.</summary>
    /// <param name="source">What an encoder reads.</param>
    /// <param name="ids">The decoder's tokens.</param>
    public float[] Logits(int[] source, int[] ids)
    {
        using var call = Runner.Rent(IsDecoder ? "model" : "decoder_model");
        if (IsDecoder)
        {
            foreach (var input in Runner.Describe("model").Inputs.Where(input => input.Name.StartsWith("past", StringComparison.Ordinal)))
            {
                _ = call.Input<float>(input.Name, [1, input.Dimensions[1].Size!.Value, 0, input.Dimensions[3].Size!.Value]);
            }

            Write(call, "attention_mask", [.. ids.Select(_ => 1)]);
            Write(call, "position_ids", [.. Enumerable.Range(0, ids.Length)]);
        }
        else
        {
            using var encoder = Runner.Rent("encoder_model");
            Write(encoder, "input_ids", source);
            Write(encoder, "attention_mask", [.. source.Select(_ => 1)]);
            encoder.Run(TestContext.Current.CancellationToken);
            encoder.Output<float>("last_hidden_state").CopyTo(call.Input<float>("encoder_hidden_states", encoder.OutputShape("last_hidden_state")));
            Write(call, "encoder_attention_mask", [.. source.Select(_ => 1)]);
        }

        Write(call, "input_ids", ids);
        call.Run(TestContext.Current.CancellationToken);
        var vocabulary = (int)call.OutputShape("logits")[2];
        return call.Output<float>("logits")[^vocabulary..].ToArray();
    }

    public void Dispose() => Runner.Dispose();

    private Func<GenerationRequest> Request(GenerationModel model, string text, TextGeneratorOptions options) => () => IsDecoder
        ? new GenerationRequest(PromptTokens.Of(text, model), [], options, model.Config)
        : new GenerationRequest([model.RequireDecoderStart()], SourceText.Encode(model, text, "", TruncationStrategy.None), options, model.Config);

    private static void Write(IModelCall call, string name, int[] values)
    {
        var target = call.Input<long>(name, [1, values.Length]);
        for (var i = 0; i < values.Length; i++)
        {
            target[i] = values[i];
        }
    }
}
