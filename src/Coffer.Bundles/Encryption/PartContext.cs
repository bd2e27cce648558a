using System.Buffers.Binary;
using System.Text;

namespace Coffer.Bundles;

/// <summary>
/// The context that binds an encrypted part to its place (FORMAT.md §6): a part moved to another bundle, version or name
/// does not decrypt.
/// </summary>
internal static class PartContext
{
    public static byte[] For(BundleManifest manifest, string partName)
    {
        ReadOnlySpan<string> fields = [manifest.Publisher, manifest.Id, manifest.Version.ToString(), partName];
        var length = Prefix.Length + manifest.Instance.Length;
        foreach (var field in fields)
        {
            length += sizeof(ushort) + Encoding.UTF8.GetByteCount(field);
        }

        var context = new byte[length];
        Prefix.CopyTo(context);
        var rest = context.AsSpan(Prefix.Length);
        foreach (var field in fields)
        {
            var written = Encoding.UTF8.GetBytes(field, rest[sizeof(ushort)..]);
            BinaryPrimitives.WriteUInt16LittleEndian(rest, checked((ushort)written));
            rest = rest[(sizeof(ushort) + written)..];
        }

        manifest.Instance.Span.CopyTo(rest);
        return context;
    }

    private static ReadOnlySpan<byte> Prefix => "coffer/1\0"u8;
}
