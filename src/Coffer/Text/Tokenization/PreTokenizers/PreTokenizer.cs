namespace Coffer.Text;

/// <summary>Splits a text into the pieces, usually words, that the model sees one by one.</summary>
internal abstract class PreTokenizer
{
    /// <summary>Splits each of <see cref="TokenizerWorkspace.Pieces"/> further. Added tokens among them stay.</summary>
    public abstract void Split(TokenizerWorkspace workspace);
}
