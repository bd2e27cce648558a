namespace Coffer.Bundles;

/// <summary>The section of the file that a <see cref="BundleException"/> speaks of, in file order.</summary>
public enum BundleSection
{
    /// <summary>The file as a whole.</summary>
    File,

    /// <summary>The 32 bytes at the start.</summary>
    Header,

    /// <summary>The manifest.</summary>
    Manifest,

    /// <summary>Header or manifest: the bytes that the signature covers, where which of them changed can't be told.</summary>
    SignedContent,

    /// <summary>The signature slot.</summary>
    Signature,

    /// <summary>The leaf tables.</summary>
    LeafTable,

    /// <summary>The zeros between sections and between parts.</summary>
    Padding,

    /// <summary>A part.</summary>
    Part,
}
