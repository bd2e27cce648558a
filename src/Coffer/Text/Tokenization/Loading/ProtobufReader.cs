using System.Buffers.Binary;

namespace Coffer.Text;

/// <summary>Reads a message in protobuf's wire format, field by field; the parts of a SentencePiece model need no more.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    /// <summary>The field's number.</summary>
    public int Field { get; private set; }

    /// <summary>The value of a field that is an integer, or the bits of a fixed one.</summary>
    public ulong Number { get; private set; }

    /// <summary>The bytes of a field that is text, bytes or a message.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    public readonly float Single => BitConverter.Int32BitsToSingle((int)Number);

    public readonly bool Flag => Number != 0;

    /// <summary>A 32-bit integer; negative ones are written with 64 bits.</summary>
    public readonly int Integer => (int)(long)Number;

    /// <exception cref="TokenizerException">The message is cut off, or has a wire type that is not in use.</exception>
    public bool Read()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var tag = ReadVarint();
        Field = (int)Math.Min(tag >> 3, int.MaxValue);
        Bytes = default;
        switch (tag & 7)
        {
            case 0:
                Number = ReadVarint();
                break;
            case 1:
                Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                break;
            case 2:
                Bytes = Take(ReadVarint());
                break;
            case 5:
                Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                break;
            default:
                throw CutOff();
        }

        return true;
    }

    private ulong ReadVarint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw CutOff();
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)_rest.Length)
        {
            throw CutOff();
        }

        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }

    private static TokenizerException CutOff() =>
        new(TokenizerError.Malformed, "The SentencePiece model is cut off, or not a SentencePiece model. Give the file that came with the model.");
}
