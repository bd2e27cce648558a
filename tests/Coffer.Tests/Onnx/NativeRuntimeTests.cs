using Coffer.Onnx;

namespace Coffer.Tests.Onnx;

public sealed class NativeRuntimeTests
{
    [Fact]
    public void ApiVersion_OfManagedHalf_IsTheMinorVersionOfItsAssembly() =>
        Assert.Equal((int)NativeRuntime.ApiVersion, typeof(Microsoft.ML.OnnxRuntime.OrtEnv).Assembly.GetName().Version!.Minor);

    [Fact]
    public void Version_OfPackagedLibrary_IsTheManagedHalfsVersion() =>
        Assert.Equal(OrtEnvironment.Get().GetVersionString(), NativeRuntime.Version);

    [Fact]
    public void LibraryPath_OfPackagedLibrary_NamesTheFileThatIsLoaded()
    {
        Assert.True(File.Exists(NativeRuntime.LibraryPath));
        Assert.Contains("onnxruntime", Path.GetFileName(NativeRuntime.LibraryPath), StringComparison.Ordinal);
    }

    [Fact]
    public void Use_OtherLibraryAfterFirstUse_ThrowsAndNamesTheOneInUse()
    {
        _ = NativeRuntime.Version;

        var exception = Assert.Throws<InvalidOperationException>(() => OnnxRuntimeLibrary.Use("/elsewhere/libonnxruntime.so"));

        Assert.Contains(NativeRuntime.LibraryPath!, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Use_TheLibraryInUse_ChangesNothing()
    {
        OnnxRuntimeLibrary.Use(NativeRuntime.LibraryPath!);

        Assert.True(File.Exists(NativeRuntime.LibraryPath));
    }
}
