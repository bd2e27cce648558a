using System.Text.Json;
using Coffer.Cli.Commands;
using Coffer.Inference;
using Coffer.Text;

namespace Coffer.Cli;

/// <summary>
/// Writes what a language model makes of prompts or texts, one after the other; a continuation as it comes. One that the model can't take is
/// reported, and the others go on.
/// </summary>
internal sealed class GenerationRun(ProtectedModel model, Output output)
{
    /// <returns>The exit code: <see cref="ExitCodes.Usage"/> if an input could not be taken.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> inputs, GeneratingOptions.Request request, bool truncate, CancellationToken cancellationToken)
    {
        var truncation = truncate ? TruncationStrategy.LongestFirst : TruncationStrategy.None;
        switch (model.Manifest.Task)
        {
            case ModelTasks.Translation:
                using (var translator = model.CreateTranslator())
                {
                    return await WriteAllAsync(inputs, text => translator.PredictAsync(text, request.ForTranslator(truncation), cancellationToken));
                }

            case ModelTasks.Summarization:
                using (var summarizer = model.CreateSummarizer())
                {
                    return await WriteAllAsync(inputs, text => summarizer.PredictAsync(text, request.ForSummarizer(truncation), cancellationToken));
                }

            default:
                if (request.IsChat)
                {
                    return await ChatAsync(inputs, request, cancellationToken);
                }

                using (var generator = model.CreateTextGenerator())
                {
                    return output.IsJson || request.Beams > 1
                        ? await WriteAllAsync(inputs, text => generator.PredictAsync(text, request.ForGenerator(), cancellationToken))
                        : await EachAsync(inputs, text => StreamAsync(generator.PredictStreamAsync(text, request.ForGenerator(), cancellationToken)));
                }
        }
    }

    private async Task<int> ChatAsync(IReadOnlyList<string> inputs, GeneratingOptions.Request request, CancellationToken cancellationToken)
    {
        using var generator = model.CreateTextGenerator();
        using var chat = new ChatRun(generator, request);
        return output.IsJson || request.Beams > 1
            ? await WriteAllAsync(inputs, text => chat.AnswerAsync(text, cancellationToken))
            : await EachAsync(inputs, text => StreamAsync(chat.StreamAsync(text, cancellationToken)));
    }

    private async Task StreamAsync(IAsyncEnumerable<GeneratedToken> tokens)
    {
        var isBegun = false;
        try
        {
            await foreach (var token in tokens)
            {
                output.Write(token.Text);
                isBegun = true;
            }
        }
        finally
        {
            if (isBegun)
            {
                output.Line();
            }
        }
    }

    private async Task<int> WriteAllAsync(IReadOnlyList<string> inputs, Func<string, Task<Prediction<GeneratedText>>> predictAsync)
    {
        var results = new List<(string Input, Prediction<GeneratedText> Prediction)>();
        try
        {
            return await EachAsync(inputs, async input =>
            {
                var prediction = await predictAsync(input);
                results.Add((input, prediction));
                if (!output.IsJson)
                {
                    output.Write(prediction.Value.Text);
                    output.Line();
                }
            });
        }
        finally
        {
            // Also when the license's calls run out in the middle: what was paid for is shown.
            if (results.Count > 0)
            {
                WriteJson(results);
                RunText.NoteFallback(output, results[0].Prediction.ExecutionProvider, results[0].Prediction.Fallback);
            }
        }
    }

    private async Task<int> EachAsync(IReadOnlyList<string> inputs, Func<string, Task> runAsync)
    {
        var code = ExitCodes.Ok;
        foreach (var input in inputs)
        {
            try
            {
                await runAsync(input);
            }
            catch (InputException e)
            {
                var failure = Failure.Of(e)!;
                output.Fail(failure);
                code = failure.ExitCode;
            }
            catch (ArgumentException e)
            {
                throw new FormatException(e.Message, e);
            }
        }

        return code;
    }

    private void WriteJson(List<(string Input, Prediction<GeneratedText> Prediction)> results)
    {
        if (!output.IsJson)
        {
            return;
        }

        output.Json(json =>
        {
            json.WriteStartObject();
            ManifestText.WriteModel(json, model.Manifest, model.ManifestDigest);
            json.WriteStartArray("results");
            foreach (var (input, prediction) in results)
            {
                Write(json, input, prediction);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static void Write(Utf8JsonWriter json, string input, Prediction<GeneratedText> prediction)
    {
        var result = prediction.Value;
        json.WriteStartObject();
        json.WriteString("input", input);
        json.WriteString("text", result.Text);
        json.WriteString("finishReason", result.FinishReason switch { FinishReason.EndOfSequence => "end", FinishReason.StopString => "stop", _ => "length" });
        json.WriteNumber("promptTokens", result.Usage.Prompt);
        json.WriteNumber("completionTokens", result.Usage.Completion);
        RunText.WriteWhere(json, prediction.Target, prediction.ExecutionProvider, prediction.Fallback, prediction.Duration);
        json.WriteEndObject();
    }
}
