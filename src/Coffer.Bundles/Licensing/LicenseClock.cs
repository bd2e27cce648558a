using System.Globalization;

namespace Coffer.Bundles;

/// <summary>
/// The time that one entitlement is held to: never behind what was signed, never behind itself. The machine's clock moves it
/// forward; setting that clock back does not move it back.
/// </summary>
internal sealed class LicenseClock
{
    /// <summary>How far clocks of issuers, authorities and devices may differ.</summary>
    public static readonly TimeSpan Leeway = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly TimeProvider _provider;
    private DateTimeOffset _last;
    private long _lastTicks;

    public LicenseClock(TimeProvider provider)
    {
        _provider = provider;
        _lastTicks = BootClock.Ticks(provider);
        _last = provider.GetUtcNow();
    }

    /// <summary>What the machine's clock says.</summary>
    public DateTimeOffset Machine => _provider.GetUtcNow();

    /// <summary>100 ns units from an arbitrary point: cheap, and never set.</summary>
    public long Ticks => BootClock.Ticks(_provider);

    /// <summary>The time.</summary>
    public DateTimeOffset Now()
    {
        lock (_gate)
        {
            var ticks = Ticks;
            var (elapsed, machine) = (_last + TimeSpan.FromTicks(ticks - _lastTicks), Machine);
            _last = machine > elapsed ? machine : elapsed;
            _lastTicks = ticks;
            return _last;
        }
    }

    /// <summary>Holds the time to one that is known to have been.</summary>
    /// <param name="floor">A time that was signed or seen.</param>
    /// <param name="source">What knows it, for people.</param>
    /// <param name="advice">What to do if the machine's clock is wrong in another way than it seems.</param>
    /// <exception cref="LicenseException"><see cref="LicenseError.ClockRollback"/>: the machine's clock is further behind than <see cref="Leeway"/>.</exception>
    public void Require(DateTimeOffset floor, string source, string advice = "")
    {
        lock (_gate)
        {
            if (floor > _last + Leeway)
            {
                throw new LicenseException(LicenseError.ClockRollback, $"The clock of this machine says {Shown(_last)}, and {source} knows of {Shown(floor)}. Set the clock{advice}.");
            }

            _last = floor > _last ? floor : _last;
        }
    }

    public static string Shown(DateTimeOffset time) => time.ToString("u", CultureInfo.InvariantCulture);
}
