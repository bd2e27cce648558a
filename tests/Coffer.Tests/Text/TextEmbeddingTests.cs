using Coffer.Text;

namespace Coffer.Tests.Text;

// The expected numbers are numpy 1.24's, by the formulas of sentence-transformers' quantize_embeddings.
public sealed class TextEmbeddingTests
{
    private static readonly float[][] Calibration =
    [
        [-0.556f, 0.741f, -0.587f, 0.837f, -0.023f, 0.223f, 0.532f, 0.037f, -0.406f, -0.625f],
        [-0.839f, 0.477f, -0.117f, -0.683f, 0.76f, -0.452f, -0.172f, -0.408f, 0.258f, 0.16f],
        [0.2f, -0.468f, -0.431f, -0.493f, -0.345f, -0.712f, -0.669f, 0.928f, 0.92f, -0.623f],
    ];

    private static readonly float[] Mixed = [-.5f, .7f, 0, .1f, .2f, .3f, -.1f, -.2f, .45f, .6999f];

    [Fact]
    public void ToInt8_RangesOfEmbeddings_IsWhatNumpyGives()
    {
        var ranges = EmbeddingRanges.Of([.. Calibration.Select(vector => new TextEmbedding(vector))]);
        var embedding = new TextEmbedding(Calibration[1]);

        Assert.Equal([-128, 71, 127, -128, 126, -57, -22, -128, 0, 126], embedding.ToInt8(ranges));
        Assert.Equal([0, 199, 255, 0, 254, 70, 105, 0, 127, 254], embedding.ToUInt8(ranges));
    }

    [Fact]
    public void ToInt8_GivenRanges_IsWhatNumpyGives()
    {
        var ranges = new EmbeddingRanges([.. Enumerable.Repeat(-0.5f, 10)], [.. Enumerable.Repeat(0.7f, 10)]);

        Assert.Equal([-128, 127, -21, 0, 20, 42, -43, -64, 73, 126], new TextEmbedding(Mixed).ToInt8(ranges));
        Assert.Equal([0, 255, 106, 127, 148, 170, 85, 63, 201, 254], new TextEmbedding(Mixed).ToUInt8(ranges));
    }

    [Fact]
    public void ToInt8_OutsideOfTheRanges_StaysAtTheirEnds()
    {
        var ranges = new EmbeddingRanges([0, 0, 1], [1, 1, 1]);

        Assert.Equal([-128, 127, -128], new TextEmbedding(new[] { -3f, 7f, 1f }).ToInt8(ranges));
        Assert.Equal([0, 255, 0], new TextEmbedding(new[] { -3f, 7f, 1f }).ToUInt8(ranges));
    }

    [Fact]
    public void ToBits_TenDimensions_PutsTheFirstIntoTheHighestBit()
    {
        Assert.Equal([72, 192], new TextEmbedding(Calibration[1]).ToBits());
        Assert.Equal([-56, 64], new TextEmbedding(Calibration[1]).ToSignedBits());
    }

    [Fact]
    public void Ranges_OfOtherDimensions_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => new TextEmbedding(Mixed).ToInt8(new EmbeddingRanges([0], [1])));
        Assert.Throws<ArgumentException>(() => new EmbeddingRanges([0, 1], [1]));
        Assert.Throws<ArgumentException>(() => new EmbeddingRanges([2], [1]));
        Assert.Throws<ArgumentException>(() => new EmbeddingRanges([float.NaN], [1]));
        Assert.Throws<ArgumentException>(() => EmbeddingRanges.Of([]));
    }

    [Fact]
    public void Similarity_TwoVectors_IsWhatItsNameSays()
    {
        float[] a = [3, 4, 0];
        float[] b = [0, 4, 3];

        Assert.Equal(16f / 25, VectorSimilarity.Cosine(a, b), 1e-6);
        Assert.Equal(16, VectorSimilarity.Dot(a, b), 1e-6);
        Assert.Equal(Math.Sqrt(18), VectorSimilarity.EuclideanDistance(a, b), 1e-6);
        Assert.Equal(6, VectorSimilarity.ManhattanDistance(a, b), 1e-6);
        Assert.Equal(5, VectorSimilarity.HammingDistance([0b1111_0000, 0b1], [0b0000_1000, 0b1]));
        Assert.Equal(-6, VectorSimilarity.Compare(EmbeddingSimilarity.Manhattan, a, b), 1e-6);
        Assert.Throws<ArgumentException>(() => VectorSimilarity.Dot(a, [1f]));
        Assert.Throws<ArgumentException>(() => VectorSimilarity.ManhattanDistance(a, [1f]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(200_003)]
    public void Dot_Int8AtItsEnds_IsTheExactSum(int count)
    {
        sbyte[] a = [.. Enumerable.Range(0, count).Select(i => i % 3 == 0 ? sbyte.MaxValue : sbyte.MinValue)];
        sbyte[] b = [.. Enumerable.Repeat(sbyte.MinValue, count)];

        Assert.Equal(a.Zip(b).Sum(pair => (long)pair.First * pair.Second), VectorSimilarity.Dot(a, b));
    }
}
