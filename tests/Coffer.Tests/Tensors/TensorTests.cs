using Coffer.Inference;
using Coffer.Tensors;

namespace Coffer.Tests.Tensors;

public sealed class TensorTests
{
    [Fact]
    public void Create_ElementsAndShape_KeepsBoth()
    {
        var tensor = Tensor.Create([1f, 2, 3, 4, 5, 6], 2, 3);

        Assert.Equal(ElementType.Float32, tensor.ElementType);
        Assert.Equal([2L, 3], tensor.Shape);
        Assert.Equal(6, tensor.Length);
        Assert.Equal([1f, 2, 3, 4, 5, 6], tensor.AsSpan<float>());
        Assert.Equal("float32 [2, 3]", tensor.ToString());
    }

    [Fact]
    public void Scalar_Element_HasNoDimensions()
    {
        var tensor = Tensor.Scalar("text");

        Assert.True(tensor.Shape.IsEmpty);
        Assert.Equal(ElementType.String, tensor.ElementType);
        Assert.Equal(["text"], tensor.AsSpan<string>());
    }

    [Theory]
    [InlineData(new long[] { 2 })]
    [InlineData(new long[] { 3, 0 })]
    [InlineData(new long[] { -1, -3 })]
    [InlineData(new long[] { })]
    [InlineData(new long[] { long.MaxValue, long.MaxValue, 3 })]
    public void Create_ShapeOfAnotherCount_Throws(long[] shape) =>
        Assert.Throws<ArgumentException>(() => Tensor.Create([1, 2, 3], shape));

    [Fact]
    public void Create_TypeThatNoTensorHolds_Throws() =>
        Assert.Throws<ArgumentException>(() => Tensor.Create([1m], 1));

    [Fact]
    public void AsSpan_AnotherType_ThrowsAndSaysBoth()
    {
        var exception = Assert.Throws<InvalidOperationException>(() => Tensor.Create([1f], 1).AsSpan<int>().Length);

        Assert.Contains("Float32", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Int32", exception.Message, StringComparison.Ordinal);
    }
}
