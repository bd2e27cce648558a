namespace Coffer.Text;

/// <summary>GPT-2's way to write bytes as printable characters: those of Latin-1 that print stand for themselves, the other 68 follow from U+0100.</summary>
internal static class ByteAlphabet
{
    private static readonly char[] Characters = MakeCharacters();
    private static readonly short[] Bytes = MakeBytes();

    public static char CharacterOf(byte value) => Characters[value];

    public static bool TryGetByte(char character, out byte value)
    {
        var found = character < Bytes.Length ? Bytes[character] : (short)-1;
        value = (byte)found;
        return found >= 0;
    }

    private static char[] MakeCharacters()
    {
        var characters = new char[256];
        var next = 256;
        for (var value = 0; value < 256; value++)
        {
            characters[value] = (char)(value is >= 33 and <= 126 or >= 161 and <= 172 or >= 174 ? value : next++);
        }

        return characters;
    }

    private static short[] MakeBytes()
    {
        var bytes = new short[256 + 68];
        bytes.AsSpan().Fill(-1);
        for (var value = 0; value < 256; value++)
        {
            bytes[Characters[value]] = (short)value;
        }

        return bytes;
    }
}
