namespace Coffer.Remote;

/// <summary>Counts a connection's users: its runner and every rented call. It goes with the last.</summary>
internal sealed class EndpointLease(IDisposable connection)
{
    private int _users = 1;

    /// <exception cref="ObjectDisposedException">The last user has left.</exception>
    public void Join()
    {
        var users = Volatile.Read(ref _users);
        while (true)
        {
            ObjectDisposedException.ThrowIf(users == 0, typeof(RemoteModelRunner));
            var seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                return;
            }

            users = seen;
        }
    }

    public void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            connection.Dispose();
        }
    }
}
