using System.Text.Json;
using Coffer.Onnx;
using Coffer.Tests.Onnx;
using Coffer.Tests.Vision;
using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>A language model that others trained: Llama's architecture, 656 thousand weights.</summary>
internal sealed class TinyStories : IDisposable
{
    public const string Beginning = "Once upon a time";

    private readonly OnnxModelRunner _runner;

    public TinyStories(FakePredictorContext? context = null, Action<Dictionary<string, ReadOnlyMemory<byte>>>? edit = null)
    {
        Context = context ?? new FakePredictorContext();
        Files = Directory.GetFiles(Repository.Shared("models", "tinystories-656k"), "*.json")
            .ToDictionary(file => Path.GetFileName(file), file => (ReadOnlyMemory<byte>)File.ReadAllBytes(file), StringComparer.Ordinal);
        edit?.Invoke(Files);
        _runner = TestGraph.Runner(File.ReadAllBytes(Repository.Shared("models", "tinystories-656k", "model.onnx")));
        Generator = new TextGenerator(_runner, ["model"], Files, Context);
    }

    public FakePredictorContext Context { get; }

    public Dictionary<string, ReadOnlyMemory<byte>> Files { get; }

    public TextGenerator Generator { get; }

    public OnnxModelRunner Runner => _runner;

    /// <summary>What the model's conversion gives without a choice: prompt and 100 tokens.</summary>
    public static (int[] Prompt, int[] Generated) Reference()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Repository.Shared("models", "tinystories-656k", "greedy_from_model_onnx.json")));
        int[] Read(string name) => [.. document.RootElement.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];
        var prompt = Read("ids");
        return (prompt, Read("out")[prompt.Length..]);
    }

    /// <summary>The logits of the token after each of a text's, in one run without a cache.</summary>
    public float[][] Logits(ReadOnlySpan<int> ids)
    {
        using var call = _runner.Rent("model");
        foreach (var input in _runner.Describe("model").Inputs)
        {
            if (input.Name.StartsWith("past_key_values", StringComparison.Ordinal))
            {
                _ = call.Input<float>(input.Name, [1, input.Dimensions[1].Size!.Value, 0, input.Dimensions[3].Size!.Value]);
                continue;
            }

            var values = call.Input<long>(input.Name, [1, ids.Length]);
            for (var i = 0; i < ids.Length; i++)
            {
                values[i] = input.Name == "input_ids" ? ids[i] : input.Name == "position_ids" ? i : 1;
            }
        }

        call.Run(TestContext.Current.CancellationToken);
        var vocabulary = (int)call.OutputShape("logits")[2];
        var logits = call.Output<float>("logits");
        var rows = new float[ids.Length][];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = logits.Slice(i * vocabulary, vocabulary).ToArray();
        }

        return rows;
    }

    public void Dispose()
    {
        Generator.Dispose();
        _runner.Dispose();
    }
}
