namespace Coffer.Text;

/// <summary>Pre-tokenizers one after the other.</summary>
internal sealed class PreTokenizerSequence(PreTokenizer[] preTokenizers) : PreTokenizer
{
    public override void Split(TokenizerWorkspace workspace)
    {
        foreach (var preTokenizer in preTokenizers)
        {
            preTokenizer.Split(workspace);
        }
    }
}
