namespace Coffer.Text;

/// <summary>Reads unsigned integers of seven bits a byte, least significant first.</summary>
internal ref struct Leb128Reader(ReadOnlySpan<byte> data)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private int _position;

    public int Read()
    {
        var value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = _data[_position++];
            value |= (next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
