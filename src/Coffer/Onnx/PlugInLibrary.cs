using Microsoft.ML.OnnxRuntime;

namespace Coffer.Onnx;

/// <summary>A plug-in's library, registered with ONNX Runtime once a process, and the devices that it brought.</summary>
internal sealed class PlugInLibrary
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, PlugInLibrary> Registered = new(StringComparer.OrdinalIgnoreCase);

    private readonly string _path;
    private readonly IReadOnlyList<OrtEpDevice> _devices;

    private PlugInLibrary(string path, IReadOnlyList<OrtEpDevice> devices)
    {
        _path = path;
        _devices = devices;
    }

    /// <summary>The device that the options ask for; null, with the reason, when there is none.</summary>
    public static OrtEpDevice? Find(PlugInOptions options, out ExecutionProviderObstacle? obstacle)
    {
        var path = Path.GetFullPath(options.LibraryPath);
        lock (Gate)
        {
            if (!Registered.TryGetValue(options.ProviderName, out var library) && (obstacle = Register(options.ProviderName, path, out library)) is not null)
            {
                return null;
            }

            if (library!._path != path)
            {
                obstacle = new ExecutionProviderObstacle(
                    $"this process has already loaded a plug-in of that name from '{library._path}', and '{path}' can't take its place",
                    "Use one library for one provider in a process.");
                return null;
            }

            return library.Choose(options, out obstacle);
        }
    }

    private static ExecutionProviderObstacle? Register(string name, string path, out PlugInLibrary? library)
    {
        library = null;
        if (!File.Exists(path))
        {
            return new ExecutionProviderObstacle($"there is no file '{path}'", "Name the plug-in's library itself.");
        }

        var environment = OrtEnvironment.Get();
        try
        {
            var before = environment.GetEpDevices().Count(device => IsCalled(device, name));
            environment.RegisterExecutionProviderLibrary(name, path);
            var after = environment.GetEpDevices();
            // ONNX Runtime appends a library's devices; a provider that is built in may have the same name.
            OrtEpDevice[] devices = [.. after.Where(device => IsCalled(device, name)).Skip(before)];
            Registered[name] = library = new PlugInLibrary(path, devices);
            return null;
        }
        catch (OnnxRuntimeException e)
        {
            return new ExecutionProviderObstacle(
                $"'{path}' can't be loaded as a plug-in: {OrtException.From(e).Message}",
                "Check that it is a plug-in for this ONNX Runtime, and that every library that it needs is found by the loader.");
        }
    }

    private static bool IsCalled(OrtEpDevice device, string name) =>
        string.Equals(device.EpName, name, StringComparison.OrdinalIgnoreCase)
        || string.Equals(device.EpName, name + "ExecutionProvider", StringComparison.OrdinalIgnoreCase);

    private OrtEpDevice? Choose(PlugInOptions options, out ExecutionProviderObstacle? obstacle)
    {
        OrtEpDevice[] fitting = options.Device switch
        {
            PlugInDevice.Gpu => Of(OrtHardwareDeviceType.GPU),
            PlugInDevice.Npu => Of(OrtHardwareDeviceType.NPU),
            PlugInDevice.Cpu => Of(OrtHardwareDeviceType.CPU),
            _ => [.. Of(OrtHardwareDeviceType.GPU), .. Of(OrtHardwareDeviceType.NPU)],
        };
        if (options.DeviceIndex < fitting.Length)
        {
            obstacle = null;
            return fitting[options.DeviceIndex];
        }

        var wanted = options.Device == PlugInDevice.Accelerator ? "accelerator" : options.Device.ToString().ToUpperInvariant();
        var brought = _devices.Count == 0
            ? $"no device for a provider '{options.ProviderName}'"
            : "these devices: " + string.Join(", ", _devices.Select(device => $"{device.HardwareDevice.Type} ({device.EpVendor})"));
        obstacle = new ExecutionProviderObstacle(
            $"'{_path}' brings {brought}, so there is no {wanted} {options.DeviceIndex}",
            "Check the device and its driver, and the provider's name, which must be the library's own.");
        return null;
    }

    private OrtEpDevice[] Of(OrtHardwareDeviceType type) => [.. _devices.Where(device => device.HardwareDevice.Type == type)];
}
