namespace Coffer.Text;

/// <summary>Text on its way through the tokenizer, with the part of the original that each UTF-16 unit came from.</summary>
internal sealed class TextBuffer
{
    private char[] _chars = new char[256];
    private int[] _starts = new int[256];
    private int[] _ends = new int[256];

    public int Length { get; private set; }

    public ReadOnlySpan<char> Text => _chars.AsSpan(0, Length);

    /// <summary>Where in the original the unit's source starts.</summary>
    public ReadOnlySpan<int> Starts => _starts.AsSpan(0, Length);

    /// <summary>Where in the original the unit's source ends.</summary>
    public ReadOnlySpan<int> Ends => _ends.AsSpan(0, Length);

    public Span<char> MutableText => _chars.AsSpan(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Takes a part of the original text as it is; a surrogate without its partner becomes U+FFFD, as it does in UTF-8.</summary>
    public void Load(ReadOnlySpan<char> text, int offset)
    {
        EnsureRoom(text.Length, keep: false);
        Length = text.Length;
        text.CopyTo(_chars);
        for (var i = 0; i < text.Length; i++)
        {
            _starts[i] = offset + i;
            _ends[i] = offset + i + 1;
        }

        for (var i = text.IndexOfAnyInRange('\uD800', '\uDFFF'); (uint)i < (uint)text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
            {
                continue;
            }

            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
            {
                _ends[i] = offset + i + 2;
                _starts[i + 1] = offset + i;
                i++;
            }
            else
            {
                _chars[i] = '\uFFFD';
            }
        }
    }

    public void Append(char unit, int start, int end)
    {
        if (Length == _chars.Length)
        {
            EnsureRoom(Length + 1, keep: true);
        }

        _chars[Length] = unit;
        _starts[Length] = start;
        _ends[Length++] = end;
    }

    public void Append(int codePoint, int start, int end)
    {
        if (codePoint < 0x10000)
        {
            Append((char)codePoint, start, end);
            return;
        }

        Append((char)(0xD800 + ((codePoint - 0x10000) >> 10)), start, end);
        Append((char)(0xDC00 + ((codePoint - 0x10000) & 0x3FF)), start, end);
    }

    public void Append(ReadOnlySpan<char> text, int start, int end)
    {
        foreach (var unit in text)
        {
            Append(unit, start, end);
        }
    }

    /// <summary>Units of another buffer with their origins.</summary>
    public void Append(TextBuffer source, int from, int to)
    {
        var count = to - from;
        EnsureRoom(Length + count, keep: true);
        source._chars.AsSpan(from, count).CopyTo(_chars.AsSpan(Length));
        source._starts.AsSpan(from, count).CopyTo(_starts.AsSpan(Length));
        source._ends.AsSpan(from, count).CopyTo(_ends.AsSpan(Length));
        Length += count;
    }

    /// <summary>The code point at a unit and the number of its units; the buffer holds no lone surrogates.</summary>
    public int CodePointAt(int index, out int units)
    {
        var unit = _chars[index];
        if (char.IsHighSurrogate(unit) && index + 1 < Length)
        {
            units = 2;
            return char.ConvertToUtf32(unit, _chars[index + 1]);
        }

        units = 1;
        return unit;
    }

    private void EnsureRoom(int length, bool keep)
    {
        if (length <= _chars.Length)
        {
            return;
        }

        var size = Math.Max(length, _chars.Length * 2);
        if (keep)
        {
            Array.Resize(ref _chars, size);
            Array.Resize(ref _starts, size);
            Array.Resize(ref _ends, size);
        }
        else
        {
            (_chars, _starts, _ends) = (new char[size], new int[size], new int[size]);
        }
    }
}
