using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Coffer.Cli;

/// <summary>Writes results, for people or as JSON, to one side and everything else to the other.</summary>
internal sealed class Output(ToolHost host, bool json)
{
    private static readonly JsonWriterOptions Indented = new()
    {
        Indented = true,
        NewLine = "\n",
        // Not for HTML: labels stay readable. Control characters are escaped all the same.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Whether a program reads the result.</summary>
    public bool IsJson => json;

    public void Line(string text = "") => host.Out.WriteLine(Printable(text));

    /// <summary>A piece of a text as it comes; its line breaks stay.</summary>
    public void Write(string text)
    {
        host.Out.Write(string.Join('\n', text.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n').Select(Printable)));
        host.Out.Flush();
    }

    /// <summary>Names and values, the values under each other; those without a value are left out.</summary>
    public void Fields(params ReadOnlySpan<(string Name, string? Value)> fields)
    {
        var width = 0;
        foreach (var (name, value) in fields)
        {
            width = value is null ? width : Math.Max(width, name.Length);
        }

        foreach (var (name, value) in fields)
        {
            if (value is not null)
            {
                Line($"{name.PadRight(width)}  {value}");
            }
        }
    }

    /// <summary>Rows in columns that are as wide as they need to be; nothing is cut, whatever the terminal's width.</summary>
    public void Table(IReadOnlyList<string[]> rows)
    {
        var widths = new int[rows.Count == 0 ? 0 : rows[0].Length];
        foreach (var row in rows)
        {
            for (var i = 0; i < widths.Length; i++)
            {
                widths[i] = Math.Max(widths[i], row[i].Length);
            }
        }

        foreach (var row in rows)
        {
            Line(string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
        }
    }

    /// <summary>The result as one JSON document.</summary>
    public void Json(Action<Utf8JsonWriter> write) => host.Out.WriteLine(Write(write));

    /// <summary>Something worth knowing that is not the result.</summary>
    public void Note(string message) => host.Error.WriteLine($"coffer: {Printable(message)}");

    /// <summary>Says what went wrong: a line for people, an object for programs.</summary>
    public void Fail(Failure failure)
    {
        if (!json)
        {
            Note(failure.Message);
            return;
        }

        host.Error.WriteLine(Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("error", failure.Error);
            writer.WriteString("kind", failure.Kind);
            writer.WriteString("message", failure.Message);
            writer.WriteEndObject();
        }));
    }

    private static string Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Indented))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    // Unverified files name models, signers and labels: what they say must neither move the cursor nor turn the line around.
    private static string Printable(string text) =>
        text.AsSpan().ContainsAnyExceptInRange(' ', '~') ? string.Create(text.Length, text, (destination, source) =>
        {
            for (var i = 0; i < source.Length; i++)
            {
                destination[i] = source[i] switch
                {
                    '\r' or '\n' or '\t' => ' ',
                    >= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069' => '\uFFFD',
                    var c when char.IsControl(c) => '\uFFFD',
                    var c => c,
                };
            }
        }) : text;
}
