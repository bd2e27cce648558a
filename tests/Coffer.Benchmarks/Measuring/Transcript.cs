using System.Text;

namespace Coffer.Benchmarks;

/// <summary>Passes on what is printed, and keeps it, so that a file gets the bars above the tables that they come from.</summary>
internal sealed class Transcript(TextWriter output) : TextWriter
{
    private readonly StringBuilder _text = new();

    public override Encoding Encoding => output.Encoding;

    public override void Write(char value)
    {
        output.Write(value);
        _text.Append(value);
    }

    public override void Write(string? value)
    {
        output.Write(value);
        _text.Append(value);
    }

    public override void WriteLine(string? value)
    {
        output.WriteLine(value);
        _text.Append(value).Append('\n');
    }

    public override void Flush() => output.Flush();

    public override string ToString() => _text.ToString();
}
