using System.Globalization;
using System.Runtime.InteropServices;
using Coffer.Vision;

namespace Coffer.Tests;

/// <summary>What opening and closing leaves behind, of the whole process.</summary>
[Collection(nameof(Alone))]
public sealed class ProtectedModelMemoryTests : IDisposable
{
    private readonly TestVendor _vendor = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _vendor.Dispose();

    [Fact]
    public async Task Dispose_AfterAThousandOpenings_LeavesMemoryFlat()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Only Linux says what is resident in /proc.");
        }

        var bundle = await _vendor.PackAsync();
        var options = _vendor.Options(_vendor.Issue(bundle));
        var picture = ImageInput.FromFile(Path.Combine(TestVendor.Digits, "pictures", "seven.png"));
        await CycleAsync(200);
        var before = Resident();

        await CycleAsync(800);
        var growth = Resident() - before;

        TestContext.Current.SendDiagnosticMessage($"Resident memory grew by {growth >> 10} KiB in 800 cycles.");
        // Allocators keep what they were given, so there is no zero to expect. One copy of the model's 0.3 MB that stayed in each
        // cycle would be 250 MB, a tenth of it 25.
        Assert.InRange(growth, long.MinValue, 20L << 20);

        async Task CycleAsync(int times)
        {
            for (var i = 0; i < times; i++)
            {
                using var model = await ProtectedModel.OpenAsync(bundle, options, Token);
                using var classifier = model.CreateImageClassifier();
                Assert.Equal("seven", classifier.Predict(picture, cancellationToken: Token).Value.Top.Label);
            }
        }
    }

    /// <summary>proc(5): "VmRSS:     12345 kB", after everything that can go has gone.</summary>
    private static long Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Trim();
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line["VmRSS:".Length..^"kB".Length], CultureInfo.InvariantCulture) << 10;
    }

    // What glibc keeps for later is no leak; other C libraries have no such call.
    private static void Trim()
    {
        if (NativeLibrary.TryLoad("libc.so.6", out var library) && NativeLibrary.TryGetExport(library, "malloc_trim", out var trim))
        {
            _ = Marshal.GetDelegateForFunctionPointer<MallocTrim>(trim)(0);
        }
    }

    private delegate int MallocTrim(nuint pad);
}
