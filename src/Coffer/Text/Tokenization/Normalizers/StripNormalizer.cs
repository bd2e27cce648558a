namespace Coffer.Text;

/// <summary>Takes white space from the ends.</summary>
internal sealed class StripNormalizer(bool left, bool right) : Normalizer
{
    public override void Normalize(TokenizerWorkspace workspace)
    {
        var text = workspace.Text;
        var (start, end) = (0, text.Length);
        while (left && start < end && CodePointClass.IsWhiteSpace(text.Text[start]))
        {
            start++;
        }

        while (right && end > start && CodePointClass.IsWhiteSpace(text.Text[end - 1]))
        {
            end--;
        }

        workspace.BeginText().Append(text, start, end);
        workspace.CommitText();
    }
}
