using Google.Protobuf;

namespace Coffer.Packaging.Tests;

public sealed class OnnxModelFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_NoSuchFile_ThrowsNotFound() =>
        Assert.Equal(PackagingError.NotFound, Assert.Throws<PackagingException>(() => OnnxModelFile.Read(_folder.File("none.onnx"))).Error);

    [Fact]
    public void Read_Folder_ThrowsUnreadable() =>
        Assert.Equal(PackagingError.Unreadable, Assert.Throws<PackagingException>(() => OnnxModelFile.Read(_folder.Path)).Error);

    [Theory]
    [InlineData("", "empty")]
    [InlineData("not a model at all", "damaged")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n", "git lfs pull")]
    public void Read_SomethingElse_ThrowsNotAnOnnxModel(string content, string says)
    {
        File.WriteAllText(_folder.File("model.onnx"), content);

        var error = Assert.Throws<PackagingException>(() => OnnxModelFile.Read(_folder.File("model.onnx")));

        Assert.Equal(PackagingError.NotAnOnnxModel, error.Error);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OrtFormat_SaysWhatToPackInstead()
    {
        var error = Assert.Throws<PackagingException>(() => OnnxModelFile.Read(Repository.Shared("models", "wekws", "kws.ort")));

        Assert.Equal(PackagingError.NotAnOnnxModel, error.Error);
        Assert.Contains(".ort", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Truncations_ThrowNotAnOnnxModelOrInvalidModel()
    {
        var whole = TestModel.OfInitializers(TestModel.Floats("a", new float[64]), TestModel.Floats("b", 1, 2, 3)).ToByteArray();
        var path = _folder.File("model.onnx");
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);

            // Whatever still parses must be what protobuf holds: a model that only lacks its last fields.
            if (Record.Exception(() => TestModel.Pack(path)) is { } exception)
            {
                Assert.Contains(Assert.IsType<PackagingException>(exception).Error, new[] { PackagingError.NotAnOnnxModel, PackagingError.InvalidModel });
            }
            else
            {
                Assert.Equal(length, ModelProto.Parser.ParseFrom(whole[..length]).CalculateSize());
            }
        }
    }

    [Fact]
    public void Read_RandomDamage_ThrowsPackagingExceptionOrPacks()
    {
        const int Seed = 20;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        var whole = File.ReadAllBytes(Repository.Shared("models", "mnist", "mnist-8.onnx"));
        var path = _folder.File("model.onnx");
        for (var i = 0; i < 300; i++)
        {
            var damaged = whole.ToArray();
            for (var j = 0; j < 8; j++)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            File.WriteAllBytes(path, damaged);
            if (Record.Exception(() => TestModel.Pack(path)) is { } exception)
            {
                Assert.IsType<PackagingException>(exception);
            }
        }
    }

    [Fact]
    public void Read_MoreThanTwoGibibytes_ThrowsTooLargeAndNamesExternalData()
    {
        using (var file = File.OpenHandle(_folder.File("model.onnx"), FileMode.CreateNew, FileAccess.Write))
        {
            RandomAccess.SetLength(file, (2L << 30) + 5);
        }

        var error = Assert.Throws<PackagingException>(() => OnnxModelFile.Read(_folder.File("model.onnx")));

        Assert.Equal(PackagingError.TooLarge, error.Error);
        Assert.Contains("save_as_external_data", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FieldsThatAreNotDeclared_SurviveWriting()
    {
        var model = TestModel.OfInitializers(TestModel.Floats("a", 1));
        // Field 1000 of ModelProto, a varint of 7.
        byte[] bytes = [.. model.ToByteArray(), 0xC0, 0x3E, 0x07];
        File.WriteAllBytes(_folder.File("model.onnx"), bytes);

        Assert.Equal(bytes, OnnxModelFile.Read(_folder.File("model.onnx")).Model.ToByteArray());
    }
}
