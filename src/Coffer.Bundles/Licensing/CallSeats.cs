namespace Coffer.Bundles;

/// <summary>
/// How many calls run at once on the device: one file a seat, whose lock a call holds while it runs. The system lets go of
/// the lock of a process that dies. Taking a seat is two system calls and, once warm, no allocation.
/// </summary>
internal sealed class CallSeats : IDisposable
{
    private const long Free = 0;
    private const long Leaving = -1;

    private readonly Lock _gate = new();
    private readonly UsageLedger _ledger;
    private readonly GrantId _grant;
    private readonly SeatLock?[] _seats;
    private readonly long[] _takenBy;
    private long _tickets;
    private bool _disposed;

    /// <param name="ledger">Owned by the seats.</param>
    /// <param name="grant">The grant whose calls are limited.</param>
    /// <param name="count">How many may run at once.</param>
    public CallSeats(UsageLedger ledger, GrantId grant, int count)
    {
        _ledger = ledger;
        _grant = grant;
        _seats = new SeatLock?[count];
        _takenBy = new long[count];
    }

    /// <returns>The seat, to be given back.</returns>
    /// <exception cref="LicenseException"><see cref="LicenseError.ConcurrencyExceeded"/> or <see cref="LicenseError.LedgerUnavailable"/>.</exception>
    public Seat Take()
    {
        var ticket = Interlocked.Increment(ref _tickets);
        for (var seat = 0; seat < _takenBy.Length; seat++)
        {
            // Threads of this process decide between themselves first, then the file decides between processes.
            if (Interlocked.CompareExchange(ref _takenBy[seat], ticket, Free) != Free)
            {
                continue;
            }

            if (TryLock(seat))
            {
                return new Seat(seat, ticket);
            }

            Volatile.Write(ref _takenBy[seat], Free);
        }

        throw new LicenseException(LicenseError.ConcurrencyExceeded, $"The license allows {_takenBy.Length} calls at once on this device, and as many are running. Wait for one to end, or ask the issuer '{_grant.Issuer}' for more.");
    }

    /// <summary>Gives a seat back; one that was given back already stays as it is.</summary>
    public void GiveBack(Seat seat)
    {
        if (Interlocked.CompareExchange(ref _takenBy[seat.Index], Leaving, seat.Ticket) != seat.Ticket)
        {
            return;
        }

        lock (_gate)
        {
            if (_disposed)
            {
                _seats[seat.Index]!.Dispose();
            }
            else
            {
                _seats[seat.Index]!.Unlock();
            }
        }

        Volatile.Write(ref _takenBy[seat.Index], Free);
    }

    /// <summary>Lets nobody in any more. Calls that run keep their seats until they end: a renewal begins while they do.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            for (var seat = 0; seat < _seats.Length; seat++)
            {
                if (Volatile.Read(ref _takenBy[seat]) == Free)
                {
                    _seats[seat]?.Dispose();
                }
            }

            _ledger.Dispose();
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
            Volatile.Write(ref _takenBy[seat], Free);
            if (e is IOException or UnauthorizedAccessException)
            {
                throw new LicenseException(LicenseError.LedgerUnavailable, "The calls that run at once can't be counted beside the device's ledger. Let this account write to its folder.", e);
            }

            throw;
        }
    }
}
