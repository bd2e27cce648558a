namespace Coffer.Text;

/// <summary>Changes the text before it is split into words.</summary>
internal abstract class Normalizer
{
    /// <summary>Replaces <see cref="TokenizerWorkspace.Text"/>, or leaves it.</summary>
    public abstract void Normalize(TokenizerWorkspace workspace);
}
