using Coffer.Tests.Text;
using Coffer.Text;

namespace Coffer.Benchmarks;

/// <summary>Removes personal content from texts of a million characters: the redaction tests' corpus over and over, prose, and what is worst for a scanner.</summary>
internal static class RedactBenchmark
{
    private const int Characters = 1_000_000;
    private const double BoundMilliseconds = 50;

    /// <summary>As many of them are texts; the others show that the worst is linear too, and have no bar.</summary>
    private const int Texts = 2;

    public static Task<IReadOnlyList<Bar>> RunAsync(Workplace workplace, Scale scale)
    {
        var redactor = new TextRedactor();
        var lines = RedactionCorpus.Read(Repository.Folder("tests", "Coffer.Tests", "Text", "Redaction", "corpus.txt"));
        (string Name, string Text)[] texts =
        [
            ("corpus of the tests", Repeated(string.Join('\n', lines.Select(line => line.Text)) + "\n")),
            ("its lines without a find", Repeated(string.Join('\n', lines.Where(line => line.Marked.Count == 0).Select(line => line.Text)) + "\n")),
            ("pairs of digits", Repeated("12 34 ")),
            ("numbers behind 'tel'", Repeated("tel 1234567 ")),
            ("a@ a@", Repeated("a@")),
        ];
        var rows = new Comparison([.. texts.Select(text => new Contender(text.Name, () => redactor.Redact(text.Text)))]).Run(scale.Rounds);
        MarkdownTable.Print($"Redact {Characters:N0} characters, all kinds", rows);
        return Task.FromResult<IReadOnlyList<Bar>>(
        [
            .. rows.Take(Texts).Select(row => new Bar(
                $"redact 1 MB: {row.Name}", "", "", MarkdownTable.Time(row.Nanoseconds.Median), MarkdownTable.Time(row.Nanoseconds.Median),
                "<= " + MarkdownTable.Time(BoundMilliseconds * 1e6), row.Nanoseconds.Median <= BoundMilliseconds * 1e6)),
        ]);
    }

    private static string Repeated(string text) => string.Concat(Enumerable.Repeat(text, (Characters / text.Length) + 1))[..Characters];
}
