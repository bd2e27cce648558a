using System.Text;

namespace Coffer.Text;

/// <summary>Reads bytes in GPT-2's alphabet back; bytes that are no UTF-8 become U+FFFD, as WHATWG's decoder has it.</summary>
internal sealed class ByteLevelDecoder : TokenDecoder
{
    public override void Decode(List<string> parts)
    {
        var bytes = new List<byte>();
        foreach (var part in parts)
        {
            var before = bytes.Count;
            foreach (var character in part)
            {
                if (!ByteAlphabet.TryGetByte(character, out var value))
                {
                    // An added token in plain text.
                    bytes.RemoveRange(before, bytes.Count - before);
                    bytes.AddRange(Encoding.UTF8.GetBytes(part));
                    break;
                }

                bytes.Add(value);
            }
        }

        parts.Clear();
        parts.Add(Encoding.UTF8.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes)));
    }
}
