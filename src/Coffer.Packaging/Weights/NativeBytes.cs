using System.Runtime.InteropServices;

namespace Coffer.Packaging;

/// <summary>A weights part in native memory, aligned as in a runner.</summary>
internal sealed unsafe class NativeBytes : IDisposable
{
    private NativeBytes(long length)
    {
        Length = length;
        Pointer = (nint)NativeMemory.AlignedAlloc(checked((nuint)length), WeightsPart.Alignment);
    }

    public nint Pointer { get; private set; }

    public long Length { get; }

    public static NativeBytes ReadAll(WeightsPart part)
    {
        var bytes = new NativeBytes(part.Length);
        try
        {
            using var stream = part.OpenRead();
            for (var position = 0L; position < bytes.Length;)
            {
                var room = (int)Math.Min(1 << 20, bytes.Length - position);
                position += stream.Read(new Span<byte>((byte*)bytes.Pointer + position, room));
            }

            return bytes;
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree((void*)Pointer);
        Pointer = 0;
    }
}
