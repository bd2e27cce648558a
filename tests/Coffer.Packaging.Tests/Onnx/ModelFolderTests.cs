namespace Coffer.Packaging.Tests;

public sealed class ModelFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public ModelFolderTests()
    {
        _model = Directory.CreateDirectory(_folder.File("model")).FullName;
        File.WriteAllBytes(_folder.File("secret"), new byte[1024]);
        File.WriteAllBytes(Path.Combine(_model, "weights.bin"), new byte[1024]);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("../secret")]
    [InlineData("sub/../../secret")]
    [InlineData("..")]
    [InlineData("/etc/passwd")]
    [InlineData("")]
    [InlineData("C:\\secret")]
    [InlineData("C:secret")]
    [InlineData("..\\secret")]
    [InlineData("\\\\server\\share\\secret")]
    [InlineData("weights.bin\0")]
    public void Pack_LocationThatIsNoRelativePathBelow_ThrowsOutsideFolder(string location) => AssertRefused(location);

    [Fact]
    public void Pack_LinkThatLeavesTheFolder_ThrowsOutsideFolder()
    {
        RequireLinks();
        File.CreateSymbolicLink(Path.Combine(_model, "link"), "../secret");
        File.CreateSymbolicLink(Path.Combine(_model, "absolute"), _folder.File("secret"));
        Directory.CreateSymbolicLink(Path.Combine(_model, "directory"), "..");
        File.CreateSymbolicLink(Path.Combine(_model, "chain"), "link");

        AssertRefused("link");
        AssertRefused("absolute");
        AssertRefused("directory/secret");
        AssertRefused("chain");
    }

    [Fact]
    public void Pack_LinksInACircle_ThrowsUnreadable()
    {
        RequireLinks();
        File.CreateSymbolicLink(Path.Combine(_model, "one"), "two");
        File.CreateSymbolicLink(Path.Combine(_model, "two"), "one");

        Assert.Equal(PackagingError.Unreadable, Refusal(TestModel.External("weight", "one", 64)).Error);
    }

    [Fact]
    public void Pack_LinkThatStaysInTheFolder_IsFollowed()
    {
        RequireLinks();
        File.CreateSymbolicLink(Path.Combine(_model, "link"), "weights.bin");
        var path = TestModel.OfInitializers(TestModel.External("weight", "link", 64)).Save(Path.Combine(_model, "model.onnx"));

        Assert.Equal(256, TestModel.Pack(path).Weights.Length);
    }

    [Theory]
    [InlineData("missing.bin", null, null, PackagingError.ExternalDataMissing)]
    [InlineData("weights.bin", 769L, null, PackagingError.ExternalDataMissing)]
    [InlineData("weights.bin", 2000L, null, PackagingError.ExternalDataMissing)]
    [InlineData("weights.bin", long.MaxValue, null, PackagingError.ExternalDataMissing)]
    [InlineData("weights.bin", -1L, null, PackagingError.InvalidModel)]
    [InlineData("weights.bin", 0L, 255L, PackagingError.InvalidModel)]
    [InlineData("weights.bin", 0L, 257L, PackagingError.InvalidModel)]
    public void Pack_RangeThatIsNotThere_Throws(string location, long? offset, long? length, object error) =>
        Assert.Equal(error, Refusal(TestModel.External("weight", location, 64, offset, length)).Error);

    [Fact]
    public void Pack_LocationGivenTwice_ThrowsInvalidModel()
    {
        var tensor = TestModel.External("weight", "weights.bin", 64);
        tensor.ExternalData.Add(tensor.ExternalData[0].Clone());

        Assert.Equal(PackagingError.InvalidModel, Refusal(tensor).Error);
    }

    private void AssertRefused(string location)
    {
        var error = Refusal(TestModel.External("weight", location, 64));

        Assert.Equal(PackagingError.OutsideFolder, error.Error);
        Assert.Contains(OnnxNames.Quote(location), error.Message, StringComparison.Ordinal);
    }

    private PackagingException Refusal(TensorProto tensor)
    {
        var path = TestModel.OfInitializers(tensor).Save(Path.Combine(_model, "model.onnx"));
        return Assert.Throws<PackagingException>(() => TestModel.Pack(path));
    }

    private static void RequireLinks()
    {
        if (OperatingSystem.IsWindows())
        {
            Repository.Require("Symbolic links need a privilege on Windows");
        }
    }
}
