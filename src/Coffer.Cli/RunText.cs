using System.Globalization;
using System.Text.Json;
using Coffer.Bundles;
using Coffer.Inference;

namespace Coffer.Cli;

/// <summary>What every run says: what the model takes, and where it really ran.</summary>
internal static class RunText
{
    public static string Inputs(ModelSignature signature) => string.Join(", ", signature.Inputs.Select(input => input.ToString()));

    public static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));

    /// <summary>Says so where it ran elsewhere than asked.</summary>
    public static void NoteFallback(Output output, string provider, Fallback? fallback)
    {
        if (fallback is not null)
        {
            output.Note($"It ran on {provider} instead of {fallback.From}: {fallback.Reason}");
        }
    }

    /// <summary>Says so where the license is not known to stand well with its issuer.</summary>
    public static void NoteState(Output output, Entitlement entitlement, DateTimeOffset now)
    {
        if (entitlement.State is EntitlementState.Grace && entitlement.RefusedFrom is { } end)
        {
            output.Note($"The license is in its grace: no fresh status list of '{entitlement.Issuer}' is at hand, and {Text.FromNow(end, now)} ({Text.Of(end)}) calls are refused. Fetch its list and give it with --status.");
        }
        else if (entitlement.State is EntitlementState.Advisory)
        {
            output.Note($"No fresh status list of '{entitlement.Issuer}' is at hand: it would not be known if the license were revoked. Fetch its list and give it with --status.");
        }
    }

    /// <summary>The members <c>target</c>, <c>executionProvider</c>, <c>fallback</c> and <c>milliseconds</c>.</summary>
    public static void WriteWhere(Utf8JsonWriter json, ExecutionTarget target, string provider, Fallback? fallback, TimeSpan duration)
    {
        json.WriteString("target", LicenseText.Name(target));
        WriteProvider(json, provider, fallback);
        json.WriteNumber("milliseconds", Math.Round(duration.TotalMilliseconds, 3));
    }

    /// <summary>The members <c>executionProvider</c> and <c>fallback</c>.</summary>
    public static void WriteProvider(Utf8JsonWriter json, string provider, Fallback? fallback)
    {
        json.WriteString("executionProvider", provider);
        if (fallback is null)
        {
            json.WriteNull("fallback");
        }
        else
        {
            json.WriteStartObject("fallback");
            json.WriteString("from", fallback.From);
            json.WriteString("reason", fallback.Reason);
            json.WriteEndObject();
        }
    }

    /// <summary>The member <c>classes</c>.</summary>
    public static void WriteClasses(Utf8JsonWriter json, IReadOnlyList<ClassScore> classes)
    {
        json.WriteStartArray("classes");
        foreach (var score in classes)
        {
            json.WriteStartObject();
            json.WriteString("label", score.Label);
            json.WriteNumber("index", score.Index);
            WriteNumber(json, "score", score.Score);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>What a table says of classes: a row for each, its label and its score.</summary>
    public static IEnumerable<string[]> ClassRows(IReadOnlyList<ClassScore> classes) => classes.Select(entry => new[] { entry.Label, Score(entry.Score, classes) });

    /// <summary>A score for people. Logits of a model without a score function are no shares of a whole.</summary>
    public static string Score(float score, IReadOnlyList<ClassScore> classes) =>
        classes.All(other => other.Score is >= 0 and <= 1)
            ? Share(score)
            : Number(score);

    /// <summary>A share of a whole for people.</summary>
    public static string Share(float score) => string.Create(CultureInfo.InvariantCulture, $"{score * 100:0.0} %");

    /// <summary>A number for people.</summary>
    public static string Number(float number) => string.Create(CultureInfo.InvariantCulture, $"{number:0.000}");

    /// <summary>A number; as a string where JSON has none.</summary>
    public static void WriteNumber(Utf8JsonWriter json, string name, float value)
    {
        json.WritePropertyName(name);
        TensorValues.Write(json, value);
    }
}
