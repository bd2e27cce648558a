using Microsoft.Extensions.Hosting;

namespace Coffer.Server;

/// <summary>Leaves the process's signals to the application: who started the server stops it.</summary>
internal sealed class HostLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
