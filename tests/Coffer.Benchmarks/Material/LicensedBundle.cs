using Coffer.Bundles;
using Coffer.Onnx;

namespace Coffer.Benchmarks;

/// <summary>A bundle with what an application needs to open it. Dispose it after its models.</summary>
internal sealed class LicensedBundle : IDisposable
{
    private const string LicenseSuffix = ".license";

    private readonly FileDeviceKey _device;

    private LicensedBundle(string path, FileDeviceKey device, KeyFolder keys)
    {
        Path = path;
        _device = device;
        Options = new ModelOptions { Trust = TrustStore.FromDirectory(keys.TrustPath), License = License.Load(LicenseOf(path)), Device = device };
    }

    public string Path { get; }

    public ModelOptions Options { get; }

    /// <summary>Loads the license that lies beside the bundle, and this device's key.</summary>
    public static LicensedBundle Load(string path, KeyFolder keys) => new(path, FileDeviceKey.Load(keys.DeviceKeyPath), keys);

    public static string LicenseOf(string bundle) => bundle + LicenseSuffix;

    public ProtectedModel Open(ExecutionOptions? execution = null) =>
        ProtectedModel.OpenAsync(Path, Options with { Execution = execution ?? ExecutionOptions.Default }).GetAwaiter().GetResult();

    public void Dispose() => _device.Dispose();
}
