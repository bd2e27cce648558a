using System.Runtime.InteropServices;

namespace Coffer.Bundles;

/// <summary>
/// Time since the machine started, suspend included, which nobody sets. <see cref="System.Diagnostics.Stopwatch"/> stops in
/// suspend on Linux and macOS: a license would outlive the night.
/// </summary>
internal static partial class BootClock
{
    private const int LinuxBootTime = 7;
    private const int AppleContinuousTime = 6;

    private static readonly int Clock = OperatingSystem.IsLinux() || OperatingSystem.IsAndroid() ? LinuxBootTime
        : OperatingSystem.IsMacOS() || OperatingSystem.IsIOS() ? AppleContinuousTime
        : -1;

    /// <summary>100 ns units from an arbitrary point; of another provider than the system's, its own elapsed time.</summary>
    public static long Ticks(TimeProvider provider)
    {
        if (!ReferenceEquals(provider, TimeProvider.System))
        {
            return (long)(provider.GetTimestamp() * ((double)TimeSpan.TicksPerSecond / provider.TimestampFrequency));
        }

        // GetTickCount64 of Windows counts suspend, too; other systems have their own count of milliseconds.
        return Clock >= 0 && ReadClock(Clock, out var time) == 0
            ? ((long)time.Seconds * TimeSpan.TicksPerSecond) + ((long)time.Nanoseconds / 100)
            : Environment.TickCount64 * TimeSpan.TicksPerMillisecond;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [SuppressGCTransition]
    private static partial int ReadClock(int clock, out TimeSpec time);

    // struct timespec: two words on every Unix that .NET runs on.
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
