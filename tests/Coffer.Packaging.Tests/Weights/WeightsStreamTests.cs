namespace Coffer.Packaging.Tests;

public sealed class WeightsStreamTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Read_InPiecesOfAnySize_GivesTheSegmentsInOrder()
    {
        var file = _folder.File("data");
        File.WriteAllBytes(file, [1, 2, 3, 4, 5, 6, 7, 8]);
        var part = new WeightsPart(
        [
            new WeightsSegment.InMemory(new byte[] { 9, 8 }),
            new WeightsSegment.Padding(3),
            new WeightsSegment.InFile(new FileRange(file, 2, 5)),
            new WeightsSegment.InMemory(Array.Empty<byte>()),
            new WeightsSegment.InFile(new FileRange(file, 0, 1)),
        ]);
        byte[] expected = [9, 8, 0, 0, 0, 3, 4, 5, 6, 7, 1];

        Assert.Equal(expected.Length, part.Length);
        for (var size = 1; size <= expected.Length + 1; size++)
        {
            var bytes = new List<byte>();
            var buffer = new byte[size];
            await using var stream = part.OpenRead();
            for (int count; (count = await stream.ReadAsync(buffer, TestContext.Current.CancellationToken)) > 0;)
            {
                bytes.AddRange(buffer[..count]);
            }

            Assert.Equal(expected, bytes);
        }

        using var copy = new MemoryStream();
        await part.CopyToAsync(copy, TestContext.Current.CancellationToken);
        Assert.Equal(expected, copy.ToArray());
        Assert.Equal(expected, part.ReadAll());
    }

    [Fact]
    public void Read_FileThatBecameShorter_ThrowsUnreadable()
    {
        var file = _folder.File("data");
        File.WriteAllBytes(file, new byte[100]);
        var part = new WeightsPart([new WeightsSegment.InFile(new FileRange(file, 50, 50))]);
        File.WriteAllBytes(file, new byte[60]);

        var error = Assert.Throws<PackagingException>(() => part.ReadAll());

        Assert.Equal(PackagingError.Unreadable, error.Error);
    }

    [Fact]
    public void Pack_MoreThanTwoGibibytesOfExternalWeights_StaysInConstantMemory()
    {
        // Sparse: the file takes no room on the disk. Two tensors that differ at their beginnings.
        const long Length = 9L << 28;
        using (var file = File.OpenHandle(_folder.File("model.onnx_data"), FileMode.CreateNew, FileAccess.Write))
        {
            RandomAccess.SetLength(file, Length);
            RandomAccess.Write(file, [2], Length / 2);
            RandomAccess.Write(file, [1], Length - 1);
        }

        var path = TestModel.OfInitializers(
            TestModel.External("a", "model.onnx_data", Length / 8),
            TestModel.External("b", "model.onnx_data", Length / 8, offset: Length / 2, length: Length / 2)).Save(_folder.File("model.onnx"));
        var before = GC.GetAllocatedBytesForCurrentThread();

        var packed = TestModel.Pack(path);
        using var stream = packed.Weights.OpenRead();
        var buffer = new byte[1 << 20];
        var (total, last) = (0L, (byte)0);
        for (int count; (count = stream.Read(buffer)) > 0;)
        {
            (total, last) = (total + count, buffer[count - 1]);
        }

        Assert.Equal((Length, (byte)1), (total, last));
        Assert.Equal(Length, packed.Weights.Length);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32 << 20);
    }
}
