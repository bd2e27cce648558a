using System.Globalization;
using System.Text.Json;

namespace Coffer.Cli;

/// <summary>What <c>coffer bench</c> measured, for people and for programs.</summary>
internal static class BenchText
{
    private static readonly double[] Percentiles = [50, 90, 95, 99];

    public static void Write(Output output, ProtectedModel model, BenchLoad load, BenchPlan plan, TimeSpan opened, BenchResult result)
    {
        if (output.IsJson)
        {
            WriteJson(output, model, load, plan, opened, result);
            return;
        }

        output.Fields(
            ("Model", $"{model.Manifest.Id} {model.Manifest.Version}"),
            ("Input", load.Description),
            ("Ran on", result.ExecutionProvider),
            ("Opened in", $"{Number(opened.TotalMilliseconds)} ms"),
            ("Measured", string.Create(CultureInfo.InvariantCulture, $"{Text.Count(result.Latencies.Length, "call")} of {Text.Count(load.InputsPerCall, "input")} in {result.Elapsed.TotalSeconds:0.00} s, {plan.Concurrency} at once")),
            ("Throughput", $"{Number(PerSecond(result, load))} inputs/s"),
            ("Generated", result.Generated is { } generated ? Generated(result, generated) : null),
            ("Memory", $"{Mebibytes(result.ResidentBytes)} resident, {Mebibytes(result.PeakBytes)} at most"));
        output.Line();
        output.Table(
        [
            ["Latency", .. Percentiles.Select(percent => string.Create(CultureInfo.InvariantCulture, $"p{percent:0}")), "min", "max", "mean"],
            ["ms", .. Percentiles.Select(percent => Number(result.Percentile(percent))), Number(result.Latencies[0]), Number(result.Latencies[^1]), Number(result.Mean)],
        ]);
    }

    private static void WriteJson(Output output, ProtectedModel model, BenchLoad load, BenchPlan plan, TimeSpan opened, BenchResult result) => output.Json(json =>
    {
        json.WriteStartObject();
        ManifestText.WriteModel(json, model.Manifest, model.ManifestDigest);
        json.WriteString("input", load.Description);
        json.WriteNumber("inputsPerCall", load.InputsPerCall);
        json.WriteNumber("concurrency", plan.Concurrency);
        json.WriteNumber("warmUpCalls", plan.WarmUp);
        json.WriteNumber("calls", result.Latencies.Length);
        json.WriteNumber("seconds", Math.Round(result.Elapsed.TotalSeconds, 6));
        json.WriteNumber("openMilliseconds", Math.Round(opened.TotalMilliseconds, 3));
        json.WriteStartObject("latencyMilliseconds");
        foreach (var percent in Percentiles)
        {
            json.WriteNumber(string.Create(CultureInfo.InvariantCulture, $"p{percent:0}"), Math.Round(result.Percentile(percent), 6));
        }

        json.WriteNumber("min", Math.Round(result.Latencies[0], 6));
        json.WriteNumber("max", Math.Round(result.Latencies[^1], 6));
        json.WriteNumber("mean", Math.Round(result.Mean, 6));
        json.WriteEndObject();
        json.WriteNumber("inputsPerSecond", Math.Round(PerSecond(result, load), 3));
        WriteGenerated(json, result);
        json.WriteStartObject("memory");
        json.WriteNumber("residentBytes", result.ResidentBytes);
        json.WriteNumber("peakBytes", result.PeakBytes);
        json.WriteEndObject();
        RunText.WriteProvider(json, result.ExecutionProvider, result.Fallback);
        json.WriteEndObject();
    });

    private static void WriteGenerated(Utf8JsonWriter json, BenchResult result)
    {
        if (result.Generated is not { } generated)
        {
            return;
        }

        json.WriteStartObject("generated");
        json.WriteNumber("tokens", generated.Tokens);
        json.WriteNumber("tokensPerSecond", Math.Round(generated.Tokens / result.Elapsed.TotalSeconds, 3));
        if (generated.FirstTokens.Length > 0)
        {
            json.WriteStartObject("firstTokenMilliseconds");
            foreach (var percent in Percentiles)
            {
                json.WriteNumber(string.Create(CultureInfo.InvariantCulture, $"p{percent:0}"), Math.Round(generated.Percentile(percent), 6));
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static string Generated(BenchResult result, BenchResult.Written generated)
    {
        var speed = string.Create(CultureInfo.InvariantCulture, $"{generated.Tokens:N0} tokens, {Number(generated.Tokens / result.Elapsed.TotalSeconds)} tokens/s");
        return generated.FirstTokens.Length == 0 ? speed : $"{speed}, the first after {Number(generated.Percentile(50))} ms (p50), {Number(generated.Percentile(95))} ms (p95)";
    }

    private static double PerSecond(BenchResult result, BenchLoad load) => result.Latencies.Length * load.InputsPerCall / result.Elapsed.TotalSeconds;

    // Three digits: more would be noise.
    private static string Number(double value) =>
        value.ToString(value switch { >= 100 => "N0", >= 10 => "F1", >= 1 => "F2", _ => "F3" }, CultureInfo.InvariantCulture);

    private static string Mebibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):N0} MiB");
}
