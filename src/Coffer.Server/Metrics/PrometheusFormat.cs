using System.Globalization;
using System.Text;

namespace Coffer.Server;

/// <summary>Prometheus' text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/).</summary>
internal static class PrometheusFormat
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>An instrument's name as a metric's: <c>coffer.predict.duration</c> in seconds is <c>coffer_predict_duration_seconds</c>.</summary>
    public static string Name(string instrument, string? unit, bool isCounter) =>
        Letters(instrument) + (unit == "s" ? "_seconds" : "") + (isCounter ? "_total" : "");

    public static void WriteHead(StringBuilder text, string name, string? help, string type)
    {
        text.Append("# HELP ").Append(name).Append(' ').Append((help ?? "").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('\n');
        text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
    }

    public static void WriteSample(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(Number(value)).Append('\n');
    }

    /// <summary><c>model="digits",protocol="grpc"</c>.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in tags)
        {
            if (value is null)
            {
                continue;
            }

            text.Append(text.Length > 0 ? "," : "").Append(Letters(key)).Append("=\"").Append(Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")).Append('"');
        }

        return text.ToString();
    }

    public static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);

    private static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Letters(string name) => string.Create(name.Length, name, (letters, from) =>
    {
        for (var i = 0; i < letters.Length; i++)
        {
            letters[i] = char.IsAsciiLetterOrDigit(from[i]) ? from[i] : '_';
        }
    });
}
