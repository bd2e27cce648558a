using Coffer.Inference;
using Coffer.Onnx;
using static Coffer.Tests.Onnx.TinyModel;

namespace Coffer.Tests.Onnx;

public sealed class PlugInTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Require_NoSuchLibrary_ThrowsProviderUnavailableAndNamesIt()
    {
        var path = Path.Combine(_folder.Path, "none.so");

        Assert.Contains($"there is no file '{path}'", Refusal("None", path), StringComparison.Ordinal);
    }

    [Fact]
    public void Require_LibraryThatIsNoPlugIn_ThrowsProviderUnavailable()
    {
        var path = NativeLibraryMaker.Make(_folder.Path, "libnoplugin.so", "int nothing;");

        Assert.Contains("can't be loaded as a plug-in", Refusal("NoPlugIn", path), StringComparison.Ordinal);
    }

    [Fact]
    public void Require_PlugInWithoutDevice_ThrowsProviderUnavailable()
    {
        var path = NativeLibraryMaker.Make(_folder.Path, "libnodevice.so", NoDevice);

        Assert.Contains("brings no device for a provider 'NoDevice', so there is no accelerator 0", Refusal("NoDevice", path), StringComparison.Ordinal);
        // Registered once a process: a second session asks the same library.
        Assert.Contains("brings no device", Refusal("NoDeviceExecutionProvider", path), StringComparison.Ordinal);
        Assert.Contains("has already loaded a plug-in of that name", Refusal("NoDevice", path, "elsewhere.so"), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_PlugInThatIsNotThere_FallsBackToTheProcessorAndSaysSo()
    {
        using var runner = TestGraph.Runner(Identity(FloatType, 1), new() { Providers = [ExecutionProvider.PlugIn("Absent", Path.Combine(_folder.Path, "absent.so"))] });

        var signature = runner.Describe("model");

        Assert.Equal("CPU", signature.ExecutionProvider);
        Assert.Equal("Absent", signature.Fallback!.From);
        Assert.Contains("absent.so", signature.Fallback.Reason, StringComparison.Ordinal);
    }

    private static string Refusal(string name, string path, string? otherFile = null)
    {
        if (otherFile is not null)
        {
            path = Path.Combine(Path.GetDirectoryName(path)!, otherFile);
        }

        using var runner = TestGraph.Runner(Identity(FloatType, 1), new() { Providers = [ExecutionProvider.PlugIn(name, path)], RequireGpu = true });
        var exception = Assert.Throws<InferenceException>(() => runner.Rent("model"));
        Assert.Equal(InferenceError.ProviderUnavailable, exception.Error);
        return exception.Message;
    }

    // A factory that supports no device (onnxruntime_ep_c_api.h, struct OrtEpFactory), as on a machine without the hardware.
    private const string NoDevice = """
        #include <stddef.h>
        #include <stdint.h>
        #include <string.h>
        typedef struct Factory {
          uint32_t version;
          const char* (*get_name)(const struct Factory*);
          const char* (*get_vendor)(const struct Factory*);
          void* (*get_devices)(struct Factory*, const void* const*, size_t, void**, size_t, size_t*);
          void* rest[64];
        } Factory;
        static const char* name(const Factory* f) { return "NoDeviceExecutionProvider"; }
        static const char* vendor(const Factory* f) { return "nobody"; }
        static void* devices(Factory* f, const void* const* hw, size_t n, void** out, size_t max, size_t* count) { *count = 0; return NULL; }
        static void* nothing(void) { return NULL; }
        static Factory factory = {23, name, vendor, devices};
        void* CreateEpFactories(const char* registration, const void* api, const void* logger, void** out, size_t max, size_t* count) {
          for (int i = 0; i < 64; i++) factory.rest[i] = (void*)nothing;
          out[0] = &factory; *count = 1; return NULL;
        }
        void* ReleaseEpFactory(void* f) { return NULL; }
        """;
}
