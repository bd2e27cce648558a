using Coffer.Cli.Commands;
using Coffer.Inference;
using Coffer.Text;

namespace Coffer.Cli;

/// <summary>Classifies texts one after the other: a text that the model can't take is reported, and the others go on.</summary>
internal sealed class TextClassifierRun(ProtectedModel model, Output output)
{
    // A table is for looking at: a long text is only named in it. --json has it whole.
    private const int ShownLength = 40;

    /// <returns>The exit code: <see cref="ExitCodes.Usage"/> if a text could not be taken.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> texts, TextOptions.Request request, int topK, CancellationToken cancellationToken)
    {
        using var classifier = model.CreateTextClassifier();
        var options = new TextClassifierOptions
        {
            TopK = topK,
            Threshold = request.Threshold,
            Truncation = request.Truncate ? TruncationStrategy.LongestFirst : TruncationStrategy.None,
        };
        var results = new List<(string Text, Prediction<TextClassification> Prediction)>();
        var code = ExitCodes.Ok;
        try
        {
            foreach (var text in texts)
            {
                try
                {
                    results.Add((text, await classifier.PredictAsync(new TextInput(text, request.Pair), options, cancellationToken)));
                }
                catch (InputException e)
                {
                    var failure = Failure.Of(e)!;
                    output.Fail(failure with { Message = $"'{Shown(text)}': {failure.Message}" });
                    code = failure.ExitCode;
                }
            }
        }
        finally
        {
            // Also when the license's calls run out in the middle: what was paid for is shown.
            Write(results);
        }

        return code;
    }

    private void Write(List<(string Text, Prediction<TextClassification> Prediction)> results)
    {
        if (results.Count == 0)
        {
            return;
        }

        if (output.IsJson)
        {
            WriteJson(results);
        }
        else
        {
            WriteText(results);
        }

        RunText.NoteFallback(output, results[0].Prediction.ExecutionProvider, results[0].Prediction.Fallback);
    }

    private void WriteText(List<(string Text, Prediction<TextClassification> Prediction)> results)
    {
        var rows = new List<string[]>();
        foreach (var (text, prediction) in results)
        {
            var classes = prediction.Value.Classes;
            rows.AddRange(classes.Count == 0
                ? [[Shown(text), "(none)", ""]]
                : classes.Select((score, rank) => new[] { rank == 0 ? Shown(text) : "", score.Label, RunText.Score(score.Score, classes) }));
        }

        var scoreWidth = rows.Max(row => row[2].Length);
        output.Table([.. rows.Select(row => new[] { row[0], row[1], row[2].PadLeft(scoreWidth) })]);
    }

    private void WriteJson(List<(string Text, Prediction<TextClassification> Prediction)> results) => output.Json(json =>
    {
        json.WriteStartObject();
        ManifestText.WriteModel(json, model.Manifest, model.ManifestDigest);
        json.WriteStartArray("results");
        foreach (var (text, prediction) in results)
        {
            json.WriteStartObject();
            json.WriteString("input", text);
            RunText.WriteClasses(json, prediction.Value.Classes);
            RunText.WriteWhere(json, prediction.Target, prediction.ExecutionProvider, prediction.Fallback, prediction.Duration);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static string Shown(string text)
    {
        var line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        if (line.Length <= ShownLength)
        {
            return line;
        }

        // Not through the middle of a character.
        var end = char.IsHighSurrogate(line[ShownLength - 2]) ? ShownLength - 2 : ShownLength - 1;
        return line[..end] + "…";
    }
}
