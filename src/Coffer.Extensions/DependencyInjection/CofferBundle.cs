using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Onnx;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Coffer.Extensions;

/// <summary>
/// A bundle of an application: opened at the first call, or when the application starts, and closed with the application's services. Keyed by its
/// name. Thread-safe.
/// </summary>
public sealed class CofferBundle : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly BundleSources _sources;
    private readonly IServiceProvider _services;
    private Task<ProtectedModel>? _opening;
    private FileDeviceKey? _ownDevice;
    private bool _disposed;

    internal CofferBundle(string name, BundleSources sources, IServiceProvider services)
    {
        Name = name;
        _sources = sources;
        _services = services;
        Clock = services.GetService<TimeProvider>() ?? TimeProvider.System;
    }

    /// <summary>The application's name for it.</summary>
    public string Name { get; }

    /// <summary>The model; null while it is not open.</summary>
    public ProtectedModel? Model => Volatile.Read(ref _opening) is { IsCompletedSuccessfully: true } opened ? opened.Result : null;

    /// <summary>Why the last attempt to open it failed; null if it did not.</summary>
    public Exception? Failure => Volatile.Read(ref _opening) is { IsFaulted: true } failed ? failed.Exception!.InnerException : null;

    internal TimeProvider Clock { get; }

    internal BundleOptions Options => _services.GetRequiredService<IOptionsMonitor<BundleOptions>>().Get(Name);

    /// <summary>The model, opened once for all who ask. What failed is tried again by the next who asks.</summary>
    /// <param name="cancellationToken">Ends the waiting; the opening goes on for others.</param>
    /// <exception cref="OptionsValidationException">Options are missing or wrong; the message says which, and what to do.</exception>
    /// <exception cref="CofferException">As <see cref="ProtectedModel.OpenAsync"/> throws.</exception>
    /// <exception cref="ObjectDisposedException">The application's services were disposed.</exception>
    public Task<ProtectedModel> OpenAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_opening is null or { IsFaulted: true } or { IsCanceled: true })
            {
                _opening = Task.Run(() => OpenOnceAsync(_closing.Token), _closing.Token);
            }

            return _opening.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Closes the model, and the device's key if it was read from the file that the options name.</summary>
    public void Dispose()
    {
        Task<ProtectedModel>? opening;
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            opening = _opening;
        }

        _closing.Cancel();
        if (opening is null || opening.IsCompleted)
        {
            Close(opening);
        }
        else
        {
            // An opening that can't be stopped any more ends first.
            _ = opening.ContinueWith(Close, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <summary>The name, and whether it is open.</summary>
    public override string ToString() => $"CofferBundle {Name} ({(Model is null ? "not open" : "open")})";

    private async Task<ProtectedModel> OpenOnceAsync(CancellationToken cancellationToken)
    {
        var logger = _services.GetService<ILoggerFactory>()?.CreateLogger("Coffer") ?? Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;
        try
        {
            var options = Options;
            return await ProtectedModel.OpenAsync(options.Path!, Describe(options, logger), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            logger.LogError(e, "The bundle {Bundle} can't be opened", Name);
            throw;
        }
    }

    private ModelOptions Describe(BundleOptions options, ILogger logger)
    {
        var execution = ExecutionOptions.Default with
        {
            Providers = options.Providers.Count == 0 ? [ExecutionProvider.Cpu] : [.. options.Providers.Select(Provider)],
            RequireGpu = options.RequireGpu,
            IntraOpThreads = options.IntraOpThreads,
        };
        var model = new ModelOptions
        {
            Trust = _sources.Trust?.Invoke(_services) ?? TrustStore.FromDirectory(options.Trust!, Clock),
            License = _sources.License?.Invoke(_services) ?? License.Load(options.License!),
            Device = _sources.Device?.Invoke(_services) ?? (_ownDevice ??= FileDeviceKey.Load(options.DeviceKey!)),
            Execution = options.MaxConcurrency is { } concurrency ? execution with { MaxConcurrency = concurrency } : execution,
            Batching = options.MaxBatch is { } batch ? BatchingOptions.Default with { MaxBatch = batch, Clock = Clock } : null,
            Audience = options.Audience,
            AllowOlderBundle = options.AllowOlderBundle,
            Clock = Clock,
            Logger = logger,
        };
        return _sources.Edits.Aggregate(model, (edited, edit) => edit(_services, edited));
    }

    private void Close(Task<ProtectedModel>? opening)
    {
        if (opening is { IsCompletedSuccessfully: true })
        {
            opening.Result.Dispose();
        }

        _ownDevice?.Dispose();
        _closing.Dispose();
    }

    // The validator has read them before.
    private static ExecutionProvider Provider(string text) => ExecutionProvider.TryParse(text, out var provider) ? provider : throw new InvalidOperationException($"There is no provider '{text}'.");
}
