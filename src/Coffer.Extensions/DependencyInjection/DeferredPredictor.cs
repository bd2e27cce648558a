namespace Coffer.Extensions;

/// <summary>A predictor that is made when its bundle is open, once.</summary>
/// <param name="bundle">Its bundle.</param>
/// <param name="create">Makes it.</param>
/// <param name="method">What the application called to add it.</param>
internal sealed class DeferredPredictor<T>(CofferBundle bundle, Func<ProtectedModel, T> create, string method) : IDisposable
    where T : class, IDisposable
{
    private readonly Lock _gate = new();
    private T? _made;
    private bool _disposed;

    /// <summary>It, if it was made.</summary>
    public T? Made => Volatile.Read(ref _made);

    /// <summary>Opens the bundle first if it isn't.</summary>
    public async ValueTask<T> GetAsync(CancellationToken cancellationToken)
    {
        if (Made is { } made)
        {
            return made;
        }

        return Make(await bundle.OpenAsync(cancellationToken).ConfigureAwait(false));
    }

    /// <summary>It, of a bundle that is open.</summary>
    /// <exception cref="InvalidOperationException">The bundle is not open.</exception>
    public T Get() => Made ?? Make(bundle.Model ?? throw new InvalidOperationException(
        $"The bundle '{bundle.Name}' is not open yet, and a {typeof(T).Name} is made of an open one. Set {nameof(BundleOptions.OpenAtStart)}, await {nameof(CofferBundle)}.{nameof(CofferBundle.OpenAsync)}, or take the IPredictor that {method} adds, which opens it at the first call."));

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _made?.Dispose();
        }
    }

    private T Make(ProtectedModel model)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(T));
            return _made ??= create(model);
        }
    }
}
