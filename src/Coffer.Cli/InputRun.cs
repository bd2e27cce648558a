using System.Text.Json;
using Coffer.Inference;

namespace Coffer.Cli;

/// <summary>Predicts for inputs one after the other: one that the model can't take is reported, and the others go on.</summary>
internal sealed class InputRun<T>(ProtectedModel model, Output output)
{
    private readonly List<(string Input, Prediction<T> Prediction)> _results = [];

    /// <summary>What a failure calls an input.</summary>
    public required Func<string, string> Named { get; init; }

    /// <summary>What the table calls its inputs.</summary>
    public required Func<string[], IReadOnlyList<string>> Shown { get; init; }

    /// <summary>What the table says of a result: rows of two cells, the second a number or nothing.</summary>
    public required Func<T, IEnumerable<string[]>> Rows { get; init; }

    /// <summary>What JSON says of a result: members of an object.</summary>
    public required Action<Utf8JsonWriter, T> Members { get; init; }

    /// <returns>The exit code: <see cref="ExitCodes.Usage"/> if an input could not be taken.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> inputs, Func<string, Task<Prediction<T>>> predictAsync)
    {
        var code = ExitCodes.Ok;
        try
        {
            foreach (var input in inputs)
            {
                try
                {
                    _results.Add((input, await predictAsync(input)));
                }
                catch (InputException e)
                {
                    var failure = Failure.Of(e)!;
                    output.Fail(failure with { Message = $"{Named(input)}: {failure.Message}" });
                    code = failure.ExitCode;
                }
            }
        }
        finally
        {
            // Also when the license's calls run out in the middle: what was paid for is shown.
            Write();
        }

        return code;
    }

    private void Write()
    {
        if (_results.Count == 0)
        {
            return;
        }

        if (output.IsJson)
        {
            WriteJson();
        }
        else
        {
            WriteText();
        }

        RunText.NoteFallback(output, _results[0].Prediction.ExecutionProvider, _results[0].Prediction.Fallback);
    }

    private void WriteText()
    {
        var rows = new List<string[]>();
        foreach (var (name, (_, prediction)) in Shown([.. _results.Select(result => result.Input)]).Zip(_results))
        {
            var before = rows.Count;
            rows.AddRange(Rows(prediction.Value).Select((cells, rank) => new[] { rank == 0 ? name : "", cells[0], cells[1] }));
            if (rows.Count == before)
            {
                rows.Add([name, "(none)", ""]);
            }
        }

        var width = rows.Max(row => row[2].Length);
        output.Table([.. rows.Select(row => new[] { row[0], row[1], row[2].PadLeft(width) })]);
    }

    private void WriteJson() => output.Json(json =>
    {
        json.WriteStartObject();
        ManifestText.WriteModel(json, model.Manifest, model.ManifestDigest);
        json.WriteStartArray("results");
        foreach (var (input, prediction) in _results)
        {
            json.WriteStartObject();
            json.WriteString("input", input);
            Members(json, prediction.Value);
            RunText.WriteWhere(json, prediction.Target, prediction.ExecutionProvider, prediction.Fallback, prediction.Duration);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
