namespace Coffer.Bundles;

/// <summary>
/// How many calls run at once on the device: one file a seat, whose lock a call holds while it runs. The system lets go of
/// the lock of a process that dies. Taking a seat is two system calls and, once warm, no allocation.
/// </summary>
internal sealed class CallSeats : IDisposable
{
    private readonly Lock _gate = new();
    private readonly UsageLedger _ledger;
    private readonly GrantId _grant;
    private readonly SeatLock?[] _seats;
    private readonly int[] _taken;
    private bool _disposed;

    /// <param name="ledger">Owned by the seats.</param>
    /// <param name="grant">The grant whose calls are limited.</param>
    /// <param name="count">How many may run at once.</param>
    public CallSeats(UsageLedger ledger, GrantId grant, int count)
    {
        _ledger = ledger;
        _grant = grant;
        _seats = new SeatLock?[count];
        _taken = new int[count];
    }

    /// <returns>The seat, to be given back.</returns>
    /// <exception cref="LicenseException"><see cref="LicenseError.ConcurrencyExceeded"/> or <see cref="LicenseError.LedgerUnavailable"/>.</exception>
    public int Take()
    {
        for (var seat = 0; seat < _taken.Length; seat++)
        {
            // Threads of this process decide between themselves first, then the file decides between processes.
            if (Interlocked.CompareExchange(ref _taken[seat], 1, 0) != 0)
            {
                continue;
            }

            if (TryLock(seat))
            {
                return seat;
            }

            Volatile.Write(ref _taken[seat], 0);
        }

        throw new LicenseException(LicenseError.ConcurrencyExceeded, $"The license allows {_taken.Length} calls at once on this device, and as many are running. Wait for one to end, or ask the issuer '{_grant.Issuer}' for more.");
    }

    public void GiveBack(int seat)
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                _seats[seat]!.Unlock();
            }
        }

        Volatile.Write(ref _taken[seat], 0);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                _disposed = true;
                Array.ForEach(_seats, seat => seat?.Dispose());
                _ledger.Dispose();
            }
        }
    }

    private bool TryLock(int seat)
    {
        try
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, typeof(Entitlement));
                return (_seats[seat] ??= new SeatLock(_ledger.SeatPath(_grant, seat))).TryLock();
            }
        }
        catch (Exception e)
        {
            Volatile.Write(ref _taken[seat], 0);
            if (e is IOException or UnauthorizedAccessException)
            {
                throw new LicenseException(LicenseError.LedgerUnavailable, "The calls that run at once can't be counted beside the device's ledger. Let this account write to its folder.", e);
            }

            throw;
        }
    }
}
