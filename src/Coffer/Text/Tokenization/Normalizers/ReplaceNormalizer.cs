namespace Coffer.Text;

/// <summary>Replaces what a pattern matches by a text, wherever it stands.</summary>
internal sealed class ReplaceNormalizer(WordMatcher pattern, string content) : Normalizer
{
    public override void Normalize(TokenizerWorkspace workspace)
    {
        var input = workspace.Text;
        var (last, work) = (0, WordMatcher.WorkFor(input.Length));
        if (input.Length == 0 || !pattern.TryFind(input.Text, 0, ref work, out var start, out var end))
        {
            return;
        }

        var output = workspace.BeginText();
        do
        {
            output.Append(input, last, start);

            // What replaces nothing stands where it was found.
            var place = start < input.Length ? input.Starts[start] : input.Ends[^1];
            output.Append(content, end > start ? input.Starts[start] : place, end > start ? input.Ends[end - 1] : place);
            last = end;
        }
        while (pattern.TryFind(input.Text, end > start ? end : end + 1, ref work, out start, out end));

        output.Append(input, last, input.Length);
        workspace.CommitText();
    }
}
