namespace Coffer.Text;

/// <summary>Replaces a text by another wherever it stands.</summary>
internal sealed class ReplaceNormalizer(string pattern, string content) : Normalizer
{
    public override void Normalize(TokenizerWorkspace workspace)
    {
        var input = workspace.Text;
        if (pattern.Length == 0 || input.Text.IndexOf(pattern, StringComparison.Ordinal) < 0)
        {
            return;
        }

        var output = workspace.BeginText();
        for (var i = 0; i < input.Length;)
        {
            var next = input.Text[i..].IndexOf(pattern, StringComparison.Ordinal);
            var end = next < 0 ? input.Length : i + next;
            output.Append(input, i, end);
            i = end;
            if (next >= 0)
            {
                output.Append(content, input.Starts[i], input.Ends[i + pattern.Length - 1]);
                i += pattern.Length;
            }
        }

        workspace.CommitText();
    }
}
