using System.Text;
using Coffer.Onnx;
using Coffer.Tests.Onnx;
using Coffer.Tests.Vision;
using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>
/// A language model of a few nodes over the byte tokenizer of tests/architectures: the scores of a token are a row of a table, and in the graph
/// with a cache also a direction for all the tokens before. Of any element type, with or without a cache.
/// </summary>
internal sealed class TinyLanguageModel : IDisposable
{
    public const int Vocabulary = 262;
    public const int Float16Type = 10;
    private const int Size = 4;

    private readonly OnnxModelRunner _runner;

    public TinyLanguageModel(int type = TinyModel.FloatType, bool cached = true, int? poison = null, int vocabulary = Vocabulary, bool takesMask = false)
    {
        var random = new Random(21);
        var table = Numbers(random, Vocabulary * vocabulary);
        if (poison is { } token)
        {
            Array.Fill(table, float.NaN, token * vocabulary, vocabulary);
        }

        var nodes = new List<ProtoWriter> { TinyModel.Node("Gather", "table input_ids", cached ? "row" : "logits") };
        var inputs = new List<ProtoWriter> { TinyModel.Value("input_ids", TinyModel.Int64Type, "batch_size", "sequence_length") };
        if (takesMask)
        {
            // And doesn't use it.
            inputs.Add(TinyModel.Value("attention_mask", TinyModel.Int64Type, "batch_size", "total_sequence_length"));
        }

        var outputs = new List<ProtoWriter> { TinyModel.Value("logits", type, "batch_size", "sequence_length", vocabulary) };
        if (cached)
        {
            nodes.AddRange(
            [
                TinyModel.Node("Gather", "keys input_ids", "key"),
                TinyModel.Node("Unsqueeze", "key one", "heads"),
                TinyModel.Node("Concat", "past_key_values.0.key heads", "present.0.key", TinyModel.Attribute("axis", 2)),
                TinyModel.Node("ReduceSum", "present.0.key all", "sum", TinyModel.Attribute("keepdims", 1)),
                TinyModel.Node("Squeeze", "sum one", "flat"),
                TinyModel.Node("Mul", "flat direction", "whole"),
                TinyModel.Node("Add", "row whole", "logits"),
            ]);
            inputs.Add(TinyModel.Value("past_key_values.0.key", type, "batch_size", 1, "past_sequence_length", Size));
            outputs.Add(TinyModel.Value("present.0.key", type, "batch_size", 1, "total_sequence_length", Size));
        }

        var graph = TinyModel.Create(
            nodes,
            inputs,
            outputs,
            Initializer("table", type, table, Vocabulary, vocabulary),
            Initializer("keys", type, Numbers(random, Vocabulary * Size), Vocabulary, Size),
            Initializer("direction", type, Numbers(random, vocabulary), vocabulary),
            TinyModel.Initializer("one", TinyModel.Int64Type, [1L], 1),
            TinyModel.Initializer("all", TinyModel.Int64Type, [1L, 2L, 3L], 3));
        _runner = TestGraph.Runner(graph);
        try
        {
            Generator = new TextGenerator(_runner, ["model"], Files(), Context);
        }
        catch
        {
            _runner.Dispose();
            throw;
        }
    }

    public FakePredictorContext Context { get; } = new();

    public TextGenerator Generator { get; }

    public void Dispose() => _runner.Dispose();

    private static Dictionary<string, ReadOnlyMemory<byte>> Files()
    {
        var folder = Repository.File("tests", "architectures", "decoders", "gpt2");
        return new(StringComparer.Ordinal)
        {
            ["tokenizer.json"] = File.ReadAllBytes(Path.Combine(folder, "tokenizer.json")),
            ["tokenizer_config.json"] = File.ReadAllBytes(Path.Combine(folder, "tokenizer_config.json")),
            ["config.json"] = Encoding.UTF8.GetBytes("""{"eos_token_id": 1}"""),
        };
    }

    private static ProtoWriter Initializer(string name, int type, float[] values, params long[] shape) =>
        type == Float16Type ? TinyModel.Initializer(name, type, Array.ConvertAll(values, value => (Half)value), shape) : TinyModel.Initializer(name, type, values, shape);

    private static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 3) - 1.5))];
}
