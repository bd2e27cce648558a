namespace Coffer.Text;

/// <summary>Puts text before a text that is not empty.</summary>
internal sealed class PrependNormalizer(string prefix) : Normalizer
{
    public override void Normalize(TokenizerWorkspace workspace)
    {
        var text = workspace.Text;
        if (text.Length == 0)
        {
            return;
        }

        var output = workspace.BeginText();
        output.Append(prefix, text.Starts[0], text.Starts[0]);
        output.Append(text, 0, text.Length);
        workspace.CommitText();
    }
}
