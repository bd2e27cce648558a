namespace Coffer.Bundles;

/// <summary>
/// The calls that one entitlement holds of a quota. Taking from it is a compare-and-swap; only when it is empty does the
/// ledger lock, write and sync.
/// </summary>
internal sealed class UsageLease : IDisposable
{
    // A lost block is lost to the licensee: at most a hundredth of the quota, and one call where the quota is small.
    private const int BlocksPerQuota = 100;
    private const int MaxBlock = 100_000;

    private readonly Lock _gate = new();
    private readonly UsageLedger _ledger;
    private readonly GrantId _grant;
    private readonly long _sequence;
    private readonly long _quota;
    private readonly TimeSpan? _window;
    private long _left;
    private long _windowStart;
    private bool _disposed;

    /// <param name="ledger">Owned by the lease.</param>
    /// <param name="grant">The grant whose quota it is.</param>
    /// <param name="sequence">The token's <c>seq</c>.</param>
    /// <param name="quota">Calls in all, or in a window.</param>
    /// <param name="window">The window; null for none.</param>
    public UsageLease(UsageLedger ledger, GrantId grant, long sequence, long quota, TimeSpan? window = null)
    {
        _ledger = ledger;
        _grant = grant;
        _sequence = sequence;
        _quota = quota;
        _window = window;
    }

    /// <summary>Moves on to the window of a time; calls of the one before that were not used are not kept.</summary>
    /// <returns>When that window ends; null where there is none.</returns>
    public DateTimeOffset? EnterWindow(DateTimeOffset now)
    {
        if (_window is not { } window)
        {
            return null;
        }

        lock (_gate)
        {
            var seconds = (long)window.TotalSeconds;
            var start = now.ToUnixTimeSeconds() / seconds * seconds;
            if (start > _windowStart && !_disposed)
            {
                ReturnUnused();
                _windowStart = start;
            }

            return DateTimeOffset.FromUnixTimeSeconds(_windowStart) + window;
        }
    }

    public void Take(int calls)
    {
        for (var left = Volatile.Read(ref _left); left >= calls;)
        {
            var seen = Interlocked.CompareExchange(ref _left, left - calls, left);
            if (seen == left)
            {
                return;
            }

            left = seen;
        }

        TakeAndLease(calls);
    }

    /// <summary>Puts calls back that were taken and not made.</summary>
    public void PutBack(int calls) => _ = Interlocked.Add(ref _left, calls);

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            try
            {
                ReturnUnused();
            }
            catch (LicenseException)
            {
                // The unused rest stays counted as used. Disposal has nobody to tell, and the next lease will say what is wrong.
            }
            finally
            {
                _ledger.Dispose();
            }
        }
    }

    private void ReturnUnused()
    {
        if (Interlocked.Exchange(ref _left, 0) is > 0 and var unused)
        {
            _ledger.Return(_grant, _windowStart, unused);
        }
    }

    private void TakeAndLease(int calls)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(Entitlement));
            var left = Interlocked.Exchange(ref _left, 0);
            if (left < calls)
            {
                try
                {
                    left += _ledger.Lease(_grant, _sequence, _quota, _windowStart, calls - left, Math.Clamp(_quota / BlocksPerQuota, 1, MaxBlock));
                }
                catch
                {
                    _ = Interlocked.Add(ref _left, left);
                    throw;
                }
            }

            _ = Interlocked.Add(ref _left, left - calls);
        }
    }
}
