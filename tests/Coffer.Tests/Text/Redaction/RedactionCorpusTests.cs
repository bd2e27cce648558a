using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>Precision and recall on texts in many languages, with hard negatives: a find counts only with the right kind, start and end.</summary>
public sealed class RedactionCorpusTests
{
    private static readonly IReadOnlyList<RedactionCorpus.Line> Lines = RedactionCorpus.Read(Repository.File("tests", "Coffer.Tests", "Text", "Redaction", "corpus.txt"));

    [Fact]
    public void Find_Corpus_IsAsPreciseAndCompleteAsTheReadmeSays()
    {
        var redactor = new TextRedactor();
        var counts = RedactionKinds.InText.ToDictionary(kind => kind, _ => new int[3]);
        var mistakes = new List<string>();
        foreach (var line in Lines)
        {
            var found = redactor.Find(line.Text);
            foreach (var span in found)
            {
                var isRight = line.Marked.Contains(span);
                counts[span.Kind][isRight ? 0 : 1]++;
                if (!isRight)
                {
                    mistakes.Add($"{line.Number}: not {span.Kind}: {line.Text.Substring(span.Start, span.Length)}");
                }
            }

            foreach (var span in line.Marked.Except(found))
            {
                counts[span.Kind][2]++;
                mistakes.Add($"{line.Number}: missed {span.Kind}: {line.Text.Substring(span.Start, span.Length)}");
            }
        }

        var output = TestContext.Current.TestOutputHelper;
        foreach (var (kind, count) in counts)
        {
            output?.WriteLine($"{kind}: {count[0]} right, {count[1]} wrong, {count[2]} missed; precision {Ratio(count[0], count[1]):0.000}, recall {Ratio(count[0], count[2]):0.000}");
        }

        mistakes.ForEach(mistake => output?.WriteLine(mistake));
        var (right, wrong, missed) = (counts.Values.Sum(count => count[0]), counts.Values.Sum(count => count[1]), counts.Values.Sum(count => count[2]));
        output?.WriteLine($"all: {right} right, {wrong} wrong, {missed} missed; precision {Ratio(right, wrong):0.000}, recall {Ratio(right, missed):0.000}");
        Assert.True(right > 100, "The corpus was not read.");
        Assert.True(Ratio(right, wrong) >= 0.97 && Ratio(right, missed) >= 0.97, string.Join(Environment.NewLine, mistakes));

        static double Ratio(int right, int other) => right / Math.Max(1.0, right + other);
    }

    [Fact]
    public void Redact_Corpus_RestoresEveryLine()
    {
        var redactor = new TextRedactor();

        Assert.All(Lines, line =>
        {
            var redacted = redactor.Redact(line.Text);
            Assert.Equal(line.Text, redacted.Restore(redacted.Text));
        });
    }

    // The same in one text, so that what a line ends with can't depend on where it ends.
    [Fact]
    public void Find_CorpusAsOneText_FindsTheSame()
    {
        var redactor = new TextRedactor();
        var apart = Lines.Sum(line => redactor.Find(line.Text).Count);

        Assert.Equal(apart, redactor.Find(string.Join('\n', Lines.Select(line => line.Text))).Count);
    }
}
