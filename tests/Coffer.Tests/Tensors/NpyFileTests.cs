using System.Text;
using Coffer.Inference;
using Coffer.Tensors;

namespace Coffer.Tests.Tensors;

public sealed class NpyFileTests
{
    [Fact]
    public void Write_ThenRead_GivesEveryTypeBack()
    {
        AssertRoundTrip(Tensor.Create([1.5f, -2, float.NaN, 4, 5, 6], 2, 3), t => t.AsSpan<float>().ToArray());
        AssertRoundTrip(Tensor.Create([1.5, double.MinValue], 2), t => t.AsSpan<double>().ToArray());
        AssertRoundTrip(Tensor.Create([(Half)1.5, Half.MaxValue], 1, 2), t => t.AsSpan<Half>().ToArray());
        AssertRoundTrip(Tensor.Create([(BFloat16)1.5f], 1), t => t.AsSpan<BFloat16>().ToArray());
        AssertRoundTrip(Tensor.Create([sbyte.MinValue, sbyte.MaxValue], 2), t => t.AsSpan<sbyte>().ToArray());
        AssertRoundTrip(Tensor.Create([short.MinValue, short.MaxValue], 2), t => t.AsSpan<short>().ToArray());
        AssertRoundTrip(Tensor.Create([int.MinValue, int.MaxValue], 2), t => t.AsSpan<int>().ToArray());
        AssertRoundTrip(Tensor.Create([long.MinValue, long.MaxValue], 2), t => t.AsSpan<long>().ToArray());
        AssertRoundTrip(Tensor.Create(new byte[] { 0, 255 }, 2), t => t.AsSpan<byte>().ToArray());
        AssertRoundTrip(Tensor.Create([ushort.MinValue, ushort.MaxValue], 2), t => t.AsSpan<ushort>().ToArray());
        AssertRoundTrip(Tensor.Create([uint.MinValue, uint.MaxValue], 2), t => t.AsSpan<uint>().ToArray());
        AssertRoundTrip(Tensor.Create([ulong.MinValue, ulong.MaxValue], 2), t => t.AsSpan<ulong>().ToArray());
        AssertRoundTrip(Tensor.Create([true, false, true], 3), t => t.AsSpan<bool>().ToArray());
        AssertRoundTrip(Tensor.Create(["", "Grüße", "\U0001F600!"], 3), t => t.AsSpan<string>().ToArray());
        AssertRoundTrip(Tensor.Scalar(7L), t => t.AsSpan<long>().ToArray());
        AssertRoundTrip(Tensor.Create<float>([], 0, 3), t => t.AsSpan<float>().ToArray());
        AssertRoundTrip(Tensor.Create<string>([], 0), t => t.AsSpan<string>().ToArray());
    }

    [Fact]
    public void Write_Float32_IsByteForByteWhatNumpySaves()
    {
        using var stream = new MemoryStream();
        NpyFile.Write(stream, Tensor.Create([1f, 2], 2, 1));

        // numpy.save(f, numpy.array([[1], [2]], '<f4')): a header of 128 - 10 bytes before numpy 1.14, of 64 - 10 or 128 - 10 since,
        // by the multiple of 64 that fits.
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }";
        var expected = new List<byte> { 0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, 118, 0 };
        expected.AddRange(Encoding.ASCII.GetBytes(header.PadRight(117) + "\n"));
        expected.AddRange([0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]);
        Assert.Equal(expected, stream.ToArray());
    }

    [Fact]
    public void Read_FortranOrder_IsReordered()
    {
        // numpy.asfortranarray([[0, 1, 2], [3, 4, 5]]) lies in memory as 0 3 1 4 2 5.
        var tensor = Read(Npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", [0, 3, 1, 4, 2, 5]));

        Assert.Equal([2L, 3], tensor.Shape);
        Assert.Equal(new byte[] { 0, 1, 2, 3, 4, 5 }, tensor.AsSpan<byte>());
    }

    [Fact]
    public void Read_FortranOrderOfThreeDimensions_IsReordered()
    {
        // Element [i, j, k] of shape (2, 2, 2) has the value 4 i + 2 j + k and lies at i + 2 j + 4 k.
        var tensor = Read(Npy("{'descr': '|i1', 'fortran_order': True, 'shape': (2, 2, 2), }", [0, 4, 2, 6, 1, 5, 3, 7]));

        Assert.Equal(new sbyte[] { 0, 1, 2, 3, 4, 5, 6, 7 }, tensor.AsSpan<sbyte>());
    }

    [Fact]
    public void Read_BigEndian_IsConverted()
    {
        Assert.Equal(new short[] { 1, -2 }, Read(Npy("{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }", [0, 1, 0xFF, 0xFE])).AsSpan<short>());
        Assert.Equal([1f], Read(Npy("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", [0x3F, 0x80, 0, 0])).AsSpan<float>());
        Assert.Equal([1.0], Read(Npy("{'descr': '>f8', 'fortran_order': False, 'shape': (), }", [0x3F, 0xF0, 0, 0, 0, 0, 0, 0])).AsSpan<double>());
        Assert.Equal(["ü"], Read(Npy("{'descr': '>U2', 'fortran_order': False, 'shape': (1,), }", [0, 0, 0, 0xFC, 0, 0, 0, 0])).AsSpan<string>());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Read_LaterVersions_AreUnderstood(byte version)
    {
        var tensor = Read(Npy("{\"shape\": ( 2 , ), 'fortran_order': False, 'descr': '|b1'}\n", [1, 0], version));

        Assert.Equal([true, false], tensor.AsSpan<bool>());
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } x", InputError.Corrupt)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}", InputError.Corrupt)]
    [InlineData("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", InputError.Corrupt)]
    [InlineData("{'descr': '<f4', 'fortran_order': False}", InputError.Corrupt)]
    [InlineData("{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}", InputError.Corrupt)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1)}", InputError.Corrupt)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", InputError.Corrupt)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", InputError.Corrupt)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4)}", InputError.Corrupt)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", InputError.Corrupt)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': __import__('os')}", InputError.Corrupt)]
    [InlineData("{'descr': '<f\\x34', 'fortran_order': False, 'shape': (1,)}", InputError.Corrupt)]
    [InlineData("", InputError.Corrupt)]
    [InlineData("{", InputError.Corrupt)]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", InputError.UnknownFormat)]
    [InlineData("{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}", InputError.UnknownFormat)]
    [InlineData("{'descr': 'f4', 'fortran_order': False, 'shape': (1,)}", InputError.UnknownFormat)]
    [InlineData("{'descr': '|f4', 'fortran_order': False, 'shape': (1,)}", InputError.UnknownFormat)]
    [InlineData("{'descr': '<U0', 'fortran_order': False, 'shape': (1000000000,)}", InputError.UnknownFormat)]
    [InlineData("{'descr': '<U99999999999', 'fortran_order': False, 'shape': (1,)}", InputError.UnknownFormat)]
    [InlineData("{'descr': '', 'fortran_order': False, 'shape': (1,)}", InputError.UnknownFormat)]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", InputError.UnknownFormat)]
    public void Read_HeaderThatNumpyDoesNotWrite_IsRefused(string header, InputError expected) =>
        Assert.Equal(expected, Assert.Throws<InputException>(() => Read(Npy(header, [0, 0, 0, 0]))).Error);

    [Fact]
    public void Read_EveryTruncationAndTrailingByte_IsRefused()
    {
        var whole = Npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", [0, 0, 0, 0, 0, 0, 0, 0]);
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.Throws<InputException>(() => Read(whole[..length]));
        }

        Assert.Equal(InputError.Corrupt, Assert.Throws<InputException>(() => Read([.. whole, 0])).Error);
        Assert.Equal(InputError.Empty, Assert.Throws<InputException>(() => Read([])).Error);
    }

    [Fact]
    public void Read_NoNpyFile_ThrowsUnknownFormat() =>
        Assert.Equal(InputError.UnknownFormat, Assert.Throws<InputException>(() => Read("PK\u0003\u0004 an archive"u8.ToArray())).Error);

    [Fact]
    public void Read_UnknownVersion_ThrowsUnknownFormat() =>
        Assert.Equal(InputError.UnknownFormat, Assert.Throws<InputException>(() => Read(Npy("{}", [], version: 4))).Error);

    [Fact]
    public void Read_TruthValueOfTwo_ThrowsCorrupt() =>
        Assert.Equal(InputError.Corrupt, Assert.Throws<InputException>(() => Read(Npy("{'descr': '|b1', 'fortran_order': False, 'shape': (1,), }", [2]))).Error);

    [Fact]
    public void Read_CodePointBeyondUnicode_ThrowsCorrupt() =>
        Assert.Equal(InputError.Corrupt, Assert.Throws<InputException>(() => Read(Npy("{'descr': '<U1', 'fortran_order': False, 'shape': (1,), }", [0, 0, 0x11, 0]))).Error);

    [Fact]
    public void Read_MoreThanTheLimit_ThrowsTooLarge()
    {
        using var stream = new MemoryStream(Npy("{'descr': '|u1', 'fortran_order': False, 'shape': (9,), }", new byte[9]));

        Assert.Equal(InputError.TooLarge, Assert.Throws<InputException>(() => NpyFile.Read(stream, maxBytes: 8)).Error);
    }

    [Fact]
    public void Read_NoSuchFile_ThrowsUnreadable() =>
        Assert.Equal(InputError.Unreadable, Assert.Throws<InputException>(() => NpyFile.Read(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()))).Error);

    [Fact]
    public void Write_File_CanBeRead()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            NpyFile.Write(path, Tensor.Create([1, 2], 2));

            Assert.Equal([1, 2], NpyFile.Read(path).AsSpan<int>());
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void AssertRoundTrip<T>(Tensor tensor, Func<Tensor, T[]> elements)
    {
        using var stream = new MemoryStream();
        NpyFile.Write(stream, tensor);
        var read = Read(stream.ToArray());

        Assert.Equal(tensor.ToString(), read.ToString());
        Assert.Equal(elements(tensor), elements(read));
        Assert.Equal(0, (stream.Length - (tensor.Length * (tensor.ElementType == ElementType.String ? 28 : ElementTypes.SizeOf(tensor.ElementType)))) % 4);
    }

    private static Tensor Read(byte[] file)
    {
        using var stream = new MemoryStream(file);
        return NpyFile.Read(stream, maxBytes: 1 << 20);
    }

    private static byte[] Npy(string header, byte[] elements, byte version = 1)
    {
        var text = Encoding.ASCII.GetBytes(header);
        byte[] length = version == 1 ? [(byte)text.Length, (byte)(text.Length >> 8)] : [(byte)text.Length, (byte)(text.Length >> 8), 0, 0];
        return [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', version, 0, .. length, .. text, .. elements];
    }
}
