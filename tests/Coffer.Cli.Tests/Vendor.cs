namespace Coffer.Cli.Tests;

/// <summary>A publisher with keys, the packed sample model and a license for its own device: made once, read by many tests.</summary>
public sealed class Vendor : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    internal string Keys => File("keys");

    internal string Trust => File("keys", "trust");

    internal string Device => File("keys", "device.jwk");

    internal string DeviceKey => File("keys", "device.key");

    internal string Bundle => File("digits.coffer");

    internal string License => File("digits.license");

    internal static string Digits => Repository.File("samples", "models", "digits");

    internal static string Picture(string name) => Repository.File("samples", "models", "digits", "pictures", name);

    public async ValueTask InitializeAsync()
    {
        (await ToolRun.OfAsync("keys", "init", Keys, "--publisher", "acme")).Succeeds();
        (await ToolRun.OfAsync("pack", Digits, "--task", "image-classification", "--id", "digits", "--version", "1.0.0", "--keys", Keys, "-o", Bundle)).Succeeds();
        (await ToolRun.OfAsync("license", "issue", Bundle, "--keys", Keys, "--device", Device, "-o", License)).Succeeds();
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>A path among the vendor's own files. Tests write under names of their own.</summary>
    internal string File(params string[] segments) => _folder.File(segments);

    /// <summary><c>coffer run</c> with everything in place; what is given replaces it.</summary>
    internal Task<ToolRun> RunAsync(string[] inputs, string? bundle = null, string? trust = null, string? license = null, string? device = null, TimeProvider? clock = null) =>
        ToolRun.AtAsync(
            clock ?? TimeProvider.System,
            ["run", bundle ?? Bundle, "--trust", trust ?? Trust, "--license", license ?? License, "--device", device ?? DeviceKey, .. inputs]);

    /// <summary>Packs any model for tensors, and licenses it: its bundle and its license.</summary>
    internal Task<(string Bundle, string License)> PackTensorsAsync(string model, string name) => PackAsync(model, "tensors", name);

    /// <summary>Packs a model for a task, and licenses it: its bundle and its license.</summary>
    internal async Task<(string Bundle, string License)> PackAsync(string model, string task, string name)
    {
        var (bundle, license) = (File(name + ".coffer"), File(name + ".license"));
        (await ToolRun.OfAsync("pack", model, "--task", task, "--id", name, "--version", "1.0.0", "--keys", Keys, "-o", bundle)).Succeeds();
        (await ToolRun.OfAsync("license", "issue", bundle, "--keys", Keys, "--device", Device, "-o", license)).Succeeds();
        return (bundle, license);
    }
}
