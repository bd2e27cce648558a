using Coffer.Cli.Commands;
using Coffer.Text;

namespace Coffer.Cli;

/// <summary>Classifies texts one after the other: a text that the model can't take is reported, and the others go on.</summary>
internal sealed class TextClassifierRun(ProtectedModel model, Output output)
{
    // A table is for looking at: a long text is only named in it. --json has it whole.
    private const int ShownLength = 40;

    /// <returns>The exit code: <see cref="ExitCodes.Usage"/> if a text could not be taken.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> texts, TextOptions.Request request, int topK, CancellationToken cancellationToken)
    {
        using var classifier = model.CreateTextClassifier();
        var options = new TextClassifierOptions
        {
            TopK = topK,
            Threshold = request.Threshold,
            Truncation = request.Truncate ? TruncationStrategy.LongestFirst : TruncationStrategy.None,
        };
        var run = new ClassificationRun<TextClassification>(model, output, value => value.Classes)
        {
            Named = text => $"'{Shown(text)}'",
            Shown = shown => Array.ConvertAll(shown, Shown),
        };
        return await run.RunAsync(texts, text => classifier.PredictAsync(new TextInput(text, request.Pair), options, cancellationToken));
    }

    private static string Shown(string text)
    {
        var line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        if (line.Length <= ShownLength)
        {
            return line;
        }

        // Not through the middle of a character.
        var end = char.IsHighSurrogate(line[ShownLength - 2]) ? ShownLength - 2 : ShownLength - 1;
        return line[..end] + "…";
    }
}
