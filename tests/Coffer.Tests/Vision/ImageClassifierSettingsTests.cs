using System.Text;
using Coffer.Inference;
using Coffer.Vision;

namespace Coffer.Tests.Vision;

public sealed class ImageClassifierSettingsTests
{
    [Fact]
    public void Parse_LabelsFile_IsALabelALine()
    {
        var labels = Parse("{}", "\uFEFFtench, Tinca tinca\r\ngoldfish\r\n\r\nqueue\r\n").Classes.Labels;
        Assert.Equal(["tench, Tinca tinca", "goldfish", "", "queue"], labels);
    }

    [Fact]
    public void Parse_SharedLabels_AreAThousand()
    {
        var synset = File.ReadAllBytes(Repository.Shared("models", "mobilenetv2-imagenet", "synset.txt"));
        var labels = ImageClassifierSettings.Parse("{}"u8.ToArray(), default, synset).Classes.Labels!;
        Assert.Equal(1000, labels.Count);
        Assert.Equal("n02124075 Egyptian cat", labels[285]);
    }

    [Fact]
    public void Parse_IdToLabel_IsInOrderOfId() =>
        Assert.Equal(["a", "b", "c"], Parse("""{"id2label":{"2":"c","0":"a","1":"b"}}""").Classes.Labels);

    [Fact]
    public void Parse_Both_TheFileCounts() => Assert.Equal(["x"], Parse("""{"id2label":{"0":"a"}}""", "x").Classes.Labels);

    [Theory]
    [InlineData("{}", null)]
    [InlineData("""{"problem_type":null}""", null)]
    [InlineData("""{"problem_type":"single_label_classification"}""", ScoreFunction.Softmax)]
    [InlineData("""{"problem_type":"multi_label_classification"}""", ScoreFunction.Sigmoid)]
    [InlineData("""{"problem_type":"multi_label_classification","function_to_apply":"none"}""", ScoreFunction.None)]
    public void Parse_ProblemType_SetsScores(string config, ScoreFunction? expected) => Assert.Equal(expected, Parse(config).Classes.Scores);

    [Theory]
    [InlineData("""{"id2label":{"0":"a","2":"c"}}""")]
    [InlineData("""{"id2label":{"0":"a","00":"c"}}""")]
    [InlineData("""{"id2label":{"-1":"a"}}""")]
    [InlineData("""{"id2label":{"0":1}}""")]
    [InlineData("""{"id2label":["a"]}""")]
    [InlineData("""{"problem_type":"ranking"}""")]
    [InlineData("""{"id2label":{"0":"a"},"id2label":{"0":"b"}}""")]
    public void Parse_BadConfig_IsRefused(string config) =>
        Assert.Equal(InferenceError.InvalidSettings, Assert.Throws<InferenceException>(() => Parse(config)).Error);

    [Fact]
    public void Parse_LabelsThatAreNotText_AreRefused() => Assert.Equal(
        InferenceError.InvalidSettings,
        Assert.Throws<InferenceException>(() => ImageClassifierSettings.Parse("{}"u8.ToArray(), default, new byte[] { 0xFF, 0xFE, 0x41 })).Error);

    private static ImageClassifierSettings Parse(string config, string labels = "") =>
        ImageClassifierSettings.Parse("{}"u8.ToArray(), Encoding.UTF8.GetBytes(config), Encoding.UTF8.GetBytes(labels));
}
