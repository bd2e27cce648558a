using System.Diagnostics;
using System.Globalization;

namespace Coffer.Fuzz;

/// <summary>Feeds one target, watches it, and says what it did.</summary>
internal sealed class FuzzRun(IFuzzTarget target)
{
    /// <summary>The most that one input may allocate on its thread.</summary>
    public const long MaxAllocation = 64L << 20;

    /// <summary>The longest that one input may take.</summary>
    public static readonly TimeSpan MaxDuration = TimeSpan.FromSeconds(10);

    private byte[] _current = [];
    private long _started;
    private long _executions;
    private TimeSpan _slowest;
    private long _largest;

    /// <summary>Runs for a time or a number of inputs, whichever is given.</summary>
    /// <returns>Whether nothing was found.</returns>
    public bool Run(int seed, TimeSpan? duration, long? executions)
    {
        var mutator = new Mutator(new Random(seed), target.Seeds);
        using var watchdog = new Timer(_ => Watch(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        var start = Stopwatch.GetTimestamp();
        foreach (var original in target.Seeds)
        {
            if (!Try(original))
            {
                return false;
            }
        }

        while ((duration is null || Stopwatch.GetElapsedTime(start) < duration) && (executions is null || _executions < executions))
        {
            if (!Try(mutator.Next()))
            {
                return false;
            }
        }

        var elapsed = Stopwatch.GetElapsedTime(start);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target.Name,-10} {_executions,9} executions {_executions / elapsed.TotalSeconds,8:F0}/s   slowest {_slowest.TotalMilliseconds,7:F1} ms   largest allocation {_largest / 1024,7} KiB"));
        return true;
    }

    /// <summary>One input. A finding is printed with what is needed to see it again.</summary>
    public bool Try(byte[] input)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        _current = input;
        Volatile.Write(ref _started, Stopwatch.GetTimestamp());
        try
        {
            target.Run(input);
        }
        catch (Exception e)
        {
            Report(e.ToString());
            return false;
        }

        var duration = Stopwatch.GetElapsedTime(Volatile.Read(ref _started));
        Volatile.Write(ref _started, 0);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        _executions++;
        _slowest = duration > _slowest ? duration : _slowest;
        _largest = Math.Max(_largest, allocated);
        if (allocated > MaxAllocation)
        {
            Report($"{allocated} bytes were allocated; {MaxAllocation} are allowed.");
            return false;
        }

        return true;
    }

    // The thread hangs: nobody else can end the process.
    private void Watch()
    {
        var started = Volatile.Read(ref _started);
        if (started != 0 && Stopwatch.GetElapsedTime(started) > MaxDuration)
        {
            Report($"It takes more than {MaxDuration.TotalSeconds} s.");
            Environment.Exit(1);
        }
    }

    private void Report(string what)
    {
        Console.WriteLine($"{target.Name}: finding after {_executions} executions\n{what}");
        Console.WriteLine($"--target {target.Name} --replay {Convert.ToBase64String(_current)}");
    }
}
