namespace Coffer.Text;

/// <summary>Which pieces get a leading space.</summary>
internal enum MetaspacePrepend
{
    /// <summary>Every piece.</summary>
    Always,

    /// <summary>The one at the start of the text.</summary>
    First,

    /// <summary>None.</summary>
    Never,
}
