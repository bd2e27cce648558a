using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>The texts of corpus.txt, and what is marked in them.</summary>
internal static class RedactionCorpus
{
    public sealed record Line(int Number, string Text, IReadOnlyList<RedactionSpan> Marked);

    public static IReadOnlyList<Line> Read(string path) =>
        [.. File.ReadAllLines(path).Index().Where(line => !line.Item.StartsWith('#')).Select(line => Parse(line.Index + 1, line.Item))];

    // {kind|value}; a brace without a bar is a brace.
    private static Line Parse(int number, string marked)
    {
        var text = new System.Text.StringBuilder();
        var spans = new List<RedactionSpan>();
        for (var at = 0; at < marked.Length;)
        {
            var close = marked[at] == '{' ? marked.IndexOf('}', at) : -1;
            var bar = close < 0 ? -1 : marked.IndexOf('|', at, close - at);
            if (bar < 0)
            {
                text.Append(marked[at++]);
                continue;
            }

            spans.Add(new RedactionSpan(text.Length, close - bar - 1, marked[(at + 1)..bar]));
            text.Append(marked, bar + 1, close - bar - 1);
            at = close + 1;
        }

        return new Line(number, text.ToString(), spans);
    }
}
