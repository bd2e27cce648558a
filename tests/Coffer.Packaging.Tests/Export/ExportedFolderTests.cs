using Coffer.Bundles;

namespace Coffer.Packaging.Tests;

public sealed class ExportedFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_SharedFolder_FindsGraphAndFilesVerbatim()
    {
        var folder = ExportedFolder.Read(Repository.Shared("models", "tinystories-656k"));

        Assert.Equal(("model", null), Assert.Single(Names(folder)));
        Assert.Equal(["config.json", "generation_config.json", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json"], folder.Files.Select(file => file.Name));
        Assert.Equal(File.ReadAllBytes(Repository.Shared("models", "tinystories-656k", "tokenizer.json")), folder.Files[3].Bytes.ToArray());
    }

    [Fact]
    public void Read_SingleFile_IsTheGraphNamedModel()
    {
        Touch("yolo_nano_fp16.onnx", "config.json");

        var folder = ExportedFolder.Read(_folder.File("yolo_nano_fp16.onnx"));

        Assert.Equal(("model", null), Assert.Single(Names(folder)));
        Assert.Empty(folder.Files);
    }

    [Fact]
    public void Read_GraphsInOnnxFolder_AreNamedAfterStemAndVariant()
    {
        Touch("onnx/encoder_model.onnx", "onnx/encoder_model_fp16.onnx", "onnx/decoder_model_merged.onnx", "onnx/decoder_model_merged_quantized.onnx", "onnx/joiner_int8.onnx",
            "tokenizer.json", "spiece.model", "README.md", "model.safetensors", "1_Pooling/config.json");

        var folder = ExportedFolder.Read(_folder.Path);

        Assert.Equal(
            [("decoder_model_merged", null), ("decoder_model_merged", "quantized"), ("encoder_model", null), ("encoder_model", "fp16"), ("joiner", null)],
            Names(folder));
        Assert.Equal(["1_Pooling/config.json", "spiece.model", "tokenizer.json"], folder.Files.Select(file => file.Name));
    }

    [Theory]
    [InlineData(PackagingError.Ambiguous, "model.onnx", "onnx/model.onnx")]
    [InlineData(PackagingError.Ambiguous, "onnx/model_fp16.onnx", "onnx/model_q4.onnx")]
    [InlineData(PackagingError.Ambiguous, "model.onnx", "model_FP16.onnx", "model_fp16.onnx")]
    [InlineData(PackagingError.NotFound, "config.json")]
    [InlineData(PackagingError.InvalidName, "my model.onnx")]
    [InlineData(PackagingError.InvalidName, "model@fp16.onnx")]
    [InlineData(PackagingError.InvalidName, "model.onnx", "größe.model")]
    public void Read_UnclearFolder_Throws(object error, params string[] files)
    {
        Touch(files);

        Assert.Equal(error, Assert.Throws<PackagingException>(() => ExportedFolder.Read(_folder.Path)).Error);
    }

    [Fact]
    public void Read_NothingThere_ThrowsNotFound() =>
        Assert.Equal(PackagingError.NotFound, Assert.Throws<PackagingException>(() => ExportedFolder.Read(_folder.File("none"))).Error);

    [Fact]
    public void Read_FileThatLinksOutOfTheFolder_ThrowsOutsideFolder()
    {
        if (OperatingSystem.IsWindows())
        {
            Repository.Require("Symbolic links need a privilege on Windows");
        }

        Touch("secret.txt", "export/model.onnx");
        File.CreateSymbolicLink(_folder.File("export", "vocab.txt"), "../secret.txt");

        var error = Assert.Throws<PackagingException>(() => ExportedFolder.Read(_folder.File("export")));

        Assert.Equal(PackagingError.OutsideFolder, error.Error);
        Assert.Contains("'vocab.txt'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pack_GraphOfFolder_GivesPartsThatABundleTakes()
    {
        TestModel.OfInitializers(TestModel.Floats("weight", new float[64])).Save(_folder.File("model.onnx"));
        File.Copy(_folder.File("model.onnx"), _folder.File("model_fp16.onnx"));
        Touch("vocab.txt");
        var folder = ExportedFolder.Read(_folder.Path);

        var parts = folder.Graphs.SelectMany(graph => GraphPacker.Pack(graph, [], null).ToParts()).Concat(folder.Files.Select(file => file.ToPart())).ToArray();

        Assert.Equal(["graphs/model/graph", "graphs/model/weights", "graphs/model@fp16/graph", "graphs/model@fp16/weights", "files/vocab.txt"], parts.Select(part => part.Name));
        Assert.Equal([PartGroup.Weights, PartGroup.Weights, PartGroup.Weights, PartGroup.Weights, PartGroup.Settings], parts.Select(part => part.Group));
        Assert.All(parts, part =>
        {
            using var stream = part.OpenRead();
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            Assert.Equal(part.Length, copy.Length);
        });
    }

    private void Touch(params string[] files)
    {
        foreach (var file in files)
        {
            var path = _folder.File(file.Split('/'));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, file);
        }
    }

    private static IEnumerable<(string, string?)> Names(ExportedFolder folder) => folder.Graphs.Select(graph => (graph.Name, graph.Variant));
}
