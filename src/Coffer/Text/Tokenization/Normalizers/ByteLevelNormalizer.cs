namespace Coffer.Text;

/// <summary>Writes the whole text as its UTF-8 bytes in GPT-2's alphabet (<see cref="ByteAlphabet"/>).</summary>
internal sealed class ByteLevelNormalizer : Normalizer
{
    public override void Normalize(TokenizerWorkspace workspace)
    {
        var input = workspace.Text;
        ByteLevelEncoder.Encode(input, 0, input.Length, workspace.BeginText());
        workspace.CommitText();
    }
}
