namespace Coffer.Bundles;

/// <summary>
/// The calls that one entitlement holds of a quota. Taking from it is a compare-and-swap; only when it is empty does the
/// ledger lock, write and sync.
/// </summary>
internal sealed class UsageLease : IDisposable
{
    // A lost block is lost to the licensee: at most a hundredth of the quota, and one call where the quota is small.
    private const int BlocksPerQuota = 100;
    private const int MaxBlock = 10_000;

    private readonly Lock _gate = new();
    private readonly UsageLedger _ledger;
    private readonly GrantId _grant;
    private readonly long _sequence;
    private readonly long _quota;
    private long _left;
    private bool _disposed;

    /// <param name="ledger">Owned by the lease.</param>
    /// <param name="grant">The grant whose quota it is.</param>
    /// <param name="sequence">The token's <c>seq</c>.</param>
    /// <param name="quota">Calls in all.</param>
    public UsageLease(UsageLedger ledger, GrantId grant, long sequence, long quota)
    {
        _ledger = ledger;
        _grant = grant;
        _sequence = sequence;
        _quota = quota;
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
                if (Interlocked.Exchange(ref _left, 0) is > 0 and var unused)
                {
                    _ledger.Return(_grant, unused);
                }
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
                    left += _ledger.Lease(_grant, _sequence, _quota, calls - left, Math.Clamp(_quota / BlocksPerQuota, 1, MaxBlock));
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
