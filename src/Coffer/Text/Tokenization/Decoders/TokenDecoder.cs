namespace Coffer.Text;

/// <summary>A step from tokens back to text.</summary>
internal abstract class TokenDecoder
{
    /// <summary>Changes the parts in place; in the end they are joined.</summary>
    public abstract void Decode(List<string> parts);

    /// <summary>Whether a step of this kind is part of it.</summary>
    public virtual bool Contains<T>()
        where T : TokenDecoder => this is T;
}
