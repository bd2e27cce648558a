using Coffer.Bundles;

namespace Coffer.Packaging;

/// <summary>A file that goes into the bundle verbatim: tokenizer, labels, configuration.</summary>
/// <param name="Name">Its name below <c>files/</c>.</param>
/// <param name="Bytes">Its content.</param>
internal sealed record ExportedFile(string Name, ReadOnlyMemory<byte> Bytes)
{
    /// <summary><c>files/name</c>, in the group that a device needs even when the model runs elsewhere.</summary>
    public PartSource ToPart() => PartSource.FromBytes($"files/{Name}", PartGroup.Settings, Bytes);
}
