using Coffer.Onnx;

namespace Coffer.Tests.Onnx;

public sealed class LibraryLoaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FindMissing_LibraryThatLoads_IsNull() =>
        Assert.Null(LibraryLoader.FindMissing(NativeLibraryMaker.Make(_folder.Path, "libcofferalone.so", "int one;")));

    [Fact]
    public void FindMissing_NoSuchLibrary_IsTheLibraryItself() =>
        Assert.Equal(new MissingLibrary("libdoesnotexist.so.9", null), LibraryLoader.FindMissing("libdoesnotexist.so.9"));

    [Fact]
    public void FindMissing_DependencyThatIsNotThere_NamesIt() =>
        Assert.Equal(new MissingLibrary("libdoesnotexist.so.9", "libcofferneeds.so"), LibraryLoader.FindMissing(MakeNeedy("libcofferneeds.so")));

    [Fact]
    public void FindMissing_DependencyOfADependency_NamesIt()
    {
        var needy = MakeNeedy("libcoffermiddle.so");
        var outer = NativeLibraryMaker.Make(_folder.Path, "libcofferouter.so", "int two;", "-Wl,--no-as-needed", "-Wl,--unresolved-symbols=ignore-all", needy, $"-Wl,-rpath,{_folder.Path}");

        Assert.Equal(new MissingLibrary("libdoesnotexist.so.9", "libcofferouter.so"), LibraryLoader.FindMissing(outer));
    }

    [Fact]
    public void FindMissing_SymbolThatIsNotThere_IsNoMissingLibrary() =>
        Assert.Null(LibraryLoader.FindMissing(NativeLibraryMaker.Make(_folder.Path, "libcoffersymbol.so", "void* Provider_GetHost(void); void* host(void) { return Provider_GetHost(); }", "-Wl,-z,now")));

    [Theory]
    [InlineData("Error loading shared library libcudnn.so.9: No such file or directory (needed by /app/libp.so)")]
    [InlineData("dlopen(/app/libp.so, 0x0001): Library not loaded: @rpath/libcudnn.so.9\n  Referenced from: /app/libp.so")]
    public void Explain_OtherLoaders_NamesTheDependency(string message) =>
        Assert.Equal(new MissingLibrary("libcudnn.so.9", "libp.so"), LibraryLoader.Explain("/app/libp.so", message));

    [Fact]
    public void Probe_ProviderThatLacksALibrary_NamesItAndSaysWhatToInstall()
    {
        MakeNeedy("libcofferprovider.so");
        MakeNeedy("libcoffercuda.so", "libcudnn_of_no_version.so.9");

        var obstacle = ExecutionProviderProbe.FindMissing(_folder.Path, [new("Install A.", "libcofferprovider.so"), new("Install B.", "libcoffercuda.so", "libcoffercuda.so.0"), new("Install C.", "libcofferno.so.1", "libcofferno.so.2")])!;

        Assert.Equal(
            "the loader doesn't find libdoesnotexist.so.9, which libcofferprovider.so needs; libcudnn_of_no_version.so.9, which libcoffercuda.so needs; libcofferno.so.1 or libcofferno.so.2",
            obstacle.Reason);
        Assert.StartsWith("Install what brings libdoesnotexist.so.9, where the loader finds it. Install cuDNN 9", obstacle.Fix, StringComparison.Ordinal);
        Assert.EndsWith("Install C.", obstacle.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public void Probe_ProviderThatTakesSymbolsFromTheSharedPart_IsNoObstacle()
    {
        NativeLibraryMaker.Make(_folder.Path, "libcoffersymbols.so", "void* Provider_GetHost(void); void* host(void) { return Provider_GetHost(); }", "-Wl,-z,now");

        Assert.Null(ExecutionProviderProbe.FindMissing(_folder.Path, [new("", "libcoffersymbols.so")]));
    }

    /// <summary>A library that needs one that is gone.</summary>
    private string MakeNeedy(string name, string needed = "libdoesnotexist.so.9")
    {
        var gone = NativeLibraryMaker.Make(_folder.Path, needed, "int gone;");
        var needy = NativeLibraryMaker.Make(_folder.Path, name, "int needy;", "-Wl,--no-as-needed", gone);
        File.Delete(gone);
        return needy;
    }
}
