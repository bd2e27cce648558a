using System.Reflection;
using System.Runtime.Loader;
using Coffer.Inference;
using Coffer.Onnx;

namespace Coffer.Tests.Onnx;

/// <summary>A process loads one native runtime for its life; a second copy of the assemblies starts without one.</summary>
public sealed class MissingRuntimeTests
{
    [Fact]
    public void Use_NoSuchFile_ThrowsRuntimeMissingAndNamesIt()
    {
        var (error, message) = Use("/nowhere/libonnxruntime.so");

        Assert.Equal(nameof(InferenceError.RuntimeMissing), error);
        Assert.Contains("/nowhere/libonnxruntime.so", message.Replace('\\', '/'), StringComparison.Ordinal);
    }

    [Fact]
    public void Use_FileThatIsNoLibrary_ThrowsRuntimeMissing()
    {
        var (error, message) = Use(Repository.File("Sdk.sln"));

        Assert.Equal(nameof(InferenceError.RuntimeMissing), error);
        Assert.Contains("can't be loaded", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Use_AnotherNativeLibrary_ThrowsRuntimeMissingAndSaysThatItIsNotOnnxRuntime()
    {
        var skia = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "libSkiaSharp.so");
        if (!File.Exists(skia))
        {
            Repository.Require("libSkiaSharp.so for linux-x64 is not beside the tests");
        }

        var (error, message) = Use(skia);

        Assert.Equal(nameof(InferenceError.RuntimeMissing), error);
        Assert.Contains("OrtGetApiBase", message, StringComparison.Ordinal);
    }

    private static (string Error, string Message) Use(string path)
    {
        var context = new SecondCopy();
        var library = context.LoadFromAssemblyPath(typeof(OnnxRuntimeLibrary).Assembly.Location).GetType(typeof(OnnxRuntimeLibrary).FullName!)!;
        var thrown = Assert.Throws<TargetInvocationException>(() => library.GetMethod(nameof(OnnxRuntimeLibrary.Use))!.Invoke(null, [path])).InnerException!;
        Assert.Equal(typeof(InferenceException).FullName, thrown.GetType().FullName);
        return (thrown.GetType().GetProperty(nameof(InferenceException.Error))!.GetValue(thrown)!.ToString()!, thrown.Message);
    }

    private sealed class SecondCopy : AssemblyLoadContext
    {
        protected override Assembly? Load(AssemblyName assemblyName)
        {
            var path = Path.Combine(AppContext.BaseDirectory, assemblyName.Name + ".dll");
            return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
        }
    }
}
