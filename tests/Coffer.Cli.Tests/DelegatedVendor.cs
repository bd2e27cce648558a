using Microsoft.Extensions.Time.Testing;

namespace Coffer.Cli.Tests;

/// <summary>A publisher with a status register, an OEM who passes its licenses on, and a device that has keys of its own.</summary>
public sealed class DelegatedVendor : IAsyncLifetime
{
    internal const string Uri = "https://licenses.example.com/acme.status";

    private readonly TemporaryFolder _folder = new();

    /// <summary>After the certificates were made, which the fixture does now.</summary>
    internal DateTimeOffset Now { get; } = new(TimeProvider.System.GetUtcNow().Date.AddDays(1), TimeSpan.Zero);

    internal string Keys => File("keys");

    internal string Trust => File("keys", "trust");

    internal string Oem => File("oem");

    internal string Bundle => File("digits.coffer");

    internal string OemLicense => File("oem.license");

    public async ValueTask InitializeAsync()
    {
        (await ToolRun.OfAsync("keys", "init", Keys, "--publisher", "acme")).Succeeds();
        (await ToolRun.OfAsync("pack", Vendor.Digits, "--task", "image-classification", "--id", "digits", "--version", "1.0.0", "--keys", Keys, "-o", Bundle)).Succeeds();
        (await ToolRun.OfAsync("keys", "init", Oem, "--issuer", "oem")).Succeeds();
        CopyTrust();
        (await RunAsync("status", "init", "--keys", Keys, "--uri", Uri)).Succeeds();
        (await RunAsync(
            "license", "issue", Bundle, "--keys", Keys, "--delegate", Path.Combine(Oem, "issuer.jwk"), "--licensee", "oem", "--calls", "1000", "--expires", "60d", "--offline", "7d", "--grace", "2d", "-o", OemLicense)).Succeeds();
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>A path among the fixture's own files. Tests write under names of their own.</summary>
    internal string File(params string[] segments) => _folder.File(segments);

    internal Task<ToolRun> RunAsync(params string[] arguments) => ToolRun.AtAsync(new FakeTimeProvider(Now), arguments);

    /// <summary>A new device, and a license for it that the OEM passes on: the paths of its key, of its public file and of the license.</summary>
    internal async Task<(string Key, string Public, string License)> NarrowAsync(string name, params string[] more)
    {
        (await RunAsync("keys", "init", File(name), "--device")).Succeeds();
        var (publicFile, license) = (File(name, "device.jwk"), File(name + ".license"));
        (await RunAsync(["license", "narrow", OemLicense, "--keys", Oem, "--device", publicFile, "--licensee", name, "-o", license, .. more])).Succeeds();
        return (File(name, "device.key"), publicFile, license);
    }

    /// <summary>The list as the register has it now, as a file.</summary>
    internal async Task<string> PublishAsync(string name, TimeSpan after = default)
    {
        (await ToolRun.AtAsync(new FakeTimeProvider(Now + after), "status", "publish", "--keys", Keys, "-o", File(name))).Succeeds();
        return File(name);
    }

    private void CopyTrust()
    {
        foreach (var file in Directory.EnumerateFiles(Trust, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(Oem, "trust", Path.GetRelativePath(Trust, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            System.IO.File.Copy(file, copy);
        }
    }
}
