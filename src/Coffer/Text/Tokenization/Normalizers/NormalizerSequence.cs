namespace Coffer.Text;

/// <summary>Normalizers one after the other.</summary>
internal sealed class NormalizerSequence(Normalizer[] normalizers) : Normalizer
{
    public override void Normalize(TokenizerWorkspace workspace)
    {
        foreach (var normalizer in normalizers)
        {
            normalizer.Normalize(workspace);
        }
    }
}
