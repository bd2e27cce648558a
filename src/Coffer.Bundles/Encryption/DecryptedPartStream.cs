namespace Coffer.Bundles;

/// <summary>Reads a decrypted part, and zeroes it when it is closed.</summary>
internal sealed unsafe class DecryptedPartStream(DecryptedPart part) : UnmanagedMemoryStream((byte*)part.Pointer, part.Length)
{
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            part.Dispose();
        }
    }
}
