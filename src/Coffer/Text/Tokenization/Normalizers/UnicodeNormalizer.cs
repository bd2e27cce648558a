namespace Coffer.Text;

/// <summary>NFC, NFD, NFKC or NFKD.</summary>
internal sealed class UnicodeNormalizer(bool compatible, bool compose) : Normalizer
{
    public static UnicodeNormalizer Decomposing { get; } = new(compatible: false, compose: false);

    public override void Normalize(TokenizerWorkspace workspace)
    {
        if (!UnicodeNormalization.IsNormal(workspace.Text.Text, compatible, compose))
        {
            UnicodeNormalization.Normalize(workspace.Text, workspace.BeginText(), workspace.CodePoints, compatible, compose);
            workspace.CommitText();
        }
    }
}
