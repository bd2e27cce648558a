using System.Text;
using Coffer.Inference;
using Coffer.Onnx;

namespace Coffer.Tests;

public sealed class ModelSettingsTests
{
    [Theory]
    [InlineData(GraphOptimization.None, false)]
    [InlineData(GraphOptimization.Basic, false)]
    [InlineData(GraphOptimization.Extended, true)]
    public void Read_WhatWasWritten_IsTheSame(GraphOptimization optimization, bool hasConvolutions)
    {
        var graph = new ModelSettings.Graph("model", "ab", "cd") { Optimization = optimization, HasConvolutions = hasConvolutions };

        Assert.Equal(graph, Assert.Single(ModelSettings.Read(new ModelSettings([graph]).Write()).Graphs) with { Shapes = graph.Shapes });
    }

    [Fact]
    public void Read_ShapesThatWereWritten_AreTheSame()
    {
        var graph = new ModelSettings.Graph("model", "ab", "cd") { Shapes = new Dictionary<string, IReadOnlyList<long>> { ["ids"] = [1, 32], ["scale"] = [] } };

        var read = Assert.Single(ModelSettings.Read(new ModelSettings([graph]).Write()).Graphs).Shapes;

        Assert.Equal([1, 32], read["ids"]);
        Assert.Empty(read["scale"]);
    }

    [Theory]
    [InlineData("""{"graphs":[{"name":"model","graphSha256":"ab","shapes":{"x":[1,-1]}}]}""")]
    [InlineData("""{"graphs":[{"name":"model","graphSha256":"ab","shapes":{"x":[1.5]}}]}""")]
    [InlineData("""{"graphs":[{"name":"model","graphSha256":"ab","shapes":[]}]}""")]
    public void Read_ShapesThatAreNone_ThrowsInvalidSettings(string json) =>
        Assert.Equal(InferenceError.InvalidSettings, Assert.Throws<InferenceException>(() => ModelSettings.Read(Encoding.UTF8.GetBytes(json))).Error);

    // Bundles that were packed before there was an optimisation, and after there will be another.
    [Theory]
    [InlineData("""{"graphs":[{"name":"model","graphSha256":"ab"}]}""")]
    [InlineData("""{"graphs":[{"name":"model","graphSha256":"ab","optimization":"tomorrow","convolutions":false}]}""")]
    public void Read_NoKnownOptimisation_IsNone(string json) =>
        Assert.Equal(GraphOptimization.None, Assert.Single(ModelSettings.Read(Encoding.UTF8.GetBytes(json)).Graphs).Optimization);

    [Fact]
    public void Read_OptimisationThatIsNoText_ThrowsInvalidSettings()
    {
        var error = Assert.Throws<InferenceException>(() => ModelSettings.Read("""{"graphs":[{"name":"model","graphSha256":"ab","optimization":7}]}"""u8.ToArray()));

        Assert.Equal(InferenceError.InvalidSettings, error.Error);
    }
}
