using System.Text.Json;
using Coffer.Bundles;
using Coffer.Onnx;
using Coffer.Packaging;
using Coffer.Text;

namespace Coffer.Benchmarks;

/// <summary>
/// A hundred tokens of a story from a licensed bundle: against transformers.js on the same file, and against a loop over the raw session that
/// binds the cache of each step as inputs of the next. One thread, so that a pool's mood is not measured; transformers.js as it is.
/// </summary>
internal static class GenerateBenchmark
{
    private const int NewTokens = 100;
    private const string Prompt = "Once upon a time";
    private const string What = "generate 100 tokens, TinyStories 656K";
    private const string StepWhat = "a step of it, over `RunWithBinding` alone";

    public static async Task<IReadOnlyList<Bar>> RunAsync(Workplace workplace, Scale scale)
    {
        if (Repository.Shared("models/tinystories-656k/model.onnx", "generate") is not { } onnx)
        {
            return [Bar.NotMeasured(What, "transformers.js", ">= 2.00x", "the model is not here"), Bar.NotMeasured(StepWhat, RawGeneration.Name, "<= 1.05x", "the model is not here")];
        }

        var folder = Stage(workplace, Path.GetDirectoryName(onnx)!);
        using var bundle = await workplace.PackAsync(folder, new PackOptions { Name = "stories", Version = SemanticVersion.Parse("1.0.0"), Task = ModelTasks.TextGeneration });
        using var model = bundle.Open(new ExecutionOptions { IntraOpThreads = 1 });
        using var generator = model.CreateTextGenerator();
        using var raw = new RawGeneration(onnx);
        var options = new TextGeneratorOptions { MaxNewTokens = NewTokens };
        int[] prompt = [.. generator.Tokenizer.Encode(Prompt).Ids.Span];
        RequireSame(raw.Generate(prompt, NewTokens), generator.Predict(Prompt, options).Value.Tokens.Span);

        var steps = new Comparison(
        [
            new Contender(RawGeneration.Name, () => raw.Generate(prompt, NewTokens)),
            new Contender("Coffer, license, tokens, text", () => generator.Predict(Prompt, options)),
        ]).Run(scale.Rounds);
        MarkdownTable.Print(What, steps);
        return [Against(folder, generator, options, scale), Bar.AtMost(StepWhat, steps[0], steps[1], 1.05)];
    }

    private static Bar Against(string folder, TextGenerator generator, TextGeneratorOptions options, Scale scale)
    {
        if (NodePeer.Obstacle is { } obstacle)
        {
            return Bar.NotMeasured(What, "transformers.js", ">= 2.00x", obstacle);
        }

        using var node = NodePeer.ForGeneration(folder);
        var request = JsonSerializer.Serialize(new { text = Prompt, options = new { max_new_tokens = NewTokens } });
        var rows = new Comparison(
        [
            new Contender("transformers.js", () => new Sample(node.Ask(request)[0], 0)),
            new Contender("Coffer", () => generator.Predict(Prompt, options)),
        ]).Run(scale.Rounds);
        MarkdownTable.Print($"{What}, transformers.js", rows);
        return Bar.AtLeast(What, rows[0], rows[1], 2);
    }

    // transformers.js looks for onnx/model.onnx.
    private static string Stage(Workplace workplace, string source)
    {
        var folder = workplace.File("stories");
        Directory.CreateDirectory(Path.Combine(folder, "onnx"));
        foreach (var file in Directory.GetFiles(source, "*.json"))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        File.Copy(Path.Combine(source, "model.onnx"), Path.Combine(folder, "onnx", "model.onnx"));
        return folder;
    }

    private static void RequireSame(ReadOnlySpan<int> raw, ReadOnlySpan<int> ours)
    {
        if (!raw.SequenceEqual(ours))
        {
            throw new InvalidOperationException("The raw session and Coffer generate different tokens: there is nothing to compare.");
        }
    }
}
