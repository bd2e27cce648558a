using System.Text;

namespace Coffer.Packaging.Tests;

public sealed class LabelListTests
{
    [Fact]
    public void Parse_Synset_DropsWordNetIdsOnly()
    {
        var labels = LabelList.Parse("synset.txt", File.ReadAllBytes(Repository.Shared("models", "mobilenetv2-imagenet", "synset.txt"))).Labels;

        Assert.Equal(1000, labels.Count);
        Assert.Equal("tench, Tinca tinca", labels[0]);
        Assert.Equal("tabby, tabby cat", labels[281]);
    }

    [Fact]
    public void Parse_PlainLines_StayAsTheyAre()
    {
        var labels = LabelList.Parse("labels.txt", Encoding.UTF8.GetBytes("\uFEFFperson\r\n  n0212 is not an id\nn02123045x\n3\n\n"));

        Assert.Equal(["person", "n0212 is not an id", "n02123045x", "3"], labels.Labels);
        Assert.Equal("person\nn0212 is not an id\nn02123045x\n3\n", Encoding.UTF8.GetString(labels.ToFile().Bytes.Span));
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { (byte)'a', (byte)'\n', (byte)'\n', (byte)'b' })]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x41, 0x00 })]
    public void Parse_NoLabels_ThrowsInvalidSettings(byte[] text) =>
        Assert.Equal(PackagingError.InvalidSettings, Assert.Throws<PackagingException>(() => LabelList.Parse("labels.txt", text)).Error);

    [Fact]
    public void FromConfig_Id2Label_IsInOrderOfIds() =>
        Assert.Equal(["cat", "dog", "fish"], LabelList.FromConfig("""{"id2label":{"2":"fish","0":"cat","1":"dog"}}"""u8.ToArray())!.Labels);

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"id2label":null}""")]
    public void FromConfig_WithoutLabels_GivesNull(string config) => Assert.Null(LabelList.FromConfig(Encoding.UTF8.GetBytes(config)));

    [Theory]
    [InlineData("{")]
    [InlineData("""{"id2label":{"0":"cat","2":"dog"}}""")]
    [InlineData("""{"id2label":{"0":"cat","00":"dog"}}""")]
    [InlineData("""{"id2label":{"0":1}}""")]
    [InlineData("""{"id2label":{"-1":"cat"}}""")]
    [InlineData("""{"id2label":{"0":"cat","0":"dog"}}""")]
    public void FromConfig_Contradiction_ThrowsInvalidSettings(string config) =>
        Assert.Equal(PackagingError.InvalidSettings, Assert.Throws<PackagingException>(() => LabelList.FromConfig(Encoding.UTF8.GetBytes(config))).Error);
}
