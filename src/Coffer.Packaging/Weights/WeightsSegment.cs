namespace Coffer.Packaging;

/// <summary>A stretch of a weights part: zeros, bytes in memory, or bytes that stay in the file they were exported to.</summary>
internal abstract record WeightsSegment(long Length)
{
    public sealed record Padding(long Length) : WeightsSegment(Length);

    public sealed record InMemory(ReadOnlyMemory<byte> Bytes) : WeightsSegment(Bytes.Length);

    public sealed record InFile(FileRange Range) : WeightsSegment(Range.Length);
}
