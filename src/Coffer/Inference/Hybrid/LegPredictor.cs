using System.Runtime.ExceptionServices;

namespace Coffer.Inference;

/// <summary>The predictor of a leg, made when a call first needs it. Thread-safe.</summary>
/// <param name="leg">Makes it.</param>
/// <param name="clock">Measures how long ago making it failed.</param>
/// <param name="retryAfter">How long it is not tried again after it failed; zero to try with every call.</param>
internal sealed class LegPredictor<TPredictor>(HybridLeg<TPredictor> leg, TimeProvider clock, TimeSpan retryAfter) : IDisposable
    where TPredictor : class, IDisposable
{
    private readonly SemaphoreSlim _making = new(1, 1);
    private volatile TPredictor? _predictor;
    private volatile bool _disposed;
    private ExceptionDispatchInfo? _failure;
    private long _failedAt;

    public ValueTask<TPredictor> GetAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(HybridLeg<TPredictor>));
        return _predictor is { } predictor ? ValueTask.FromResult(predictor) : MakeAsync(cancellationToken);
    }

    public void Dispose()
    {
        _disposed = true;
        if (leg.IsOwned)
        {
            _predictor?.Dispose();
        }
    }

    private async ValueTask<TPredictor> MakeAsync(CancellationToken cancellationToken)
    {
        await _making.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_predictor is { } made)
            {
                return made;
            }

            if (_failure is { } failure && clock.GetElapsedTime(_failedAt) < retryAfter)
            {
                failure.Throw();
            }

            leg.RequireLicense();
            made = await leg.Create(cancellationToken).ConfigureAwait(false);
            _predictor = made;
            _failure = null;
            if (_disposed)
            {
                Dispose();
                throw new ObjectDisposedException(nameof(HybridLeg<>));
            }

            return made;
        }
        catch (Exception e) when (FallbackPolicy.Moves(FallbackPolicy.OnDevice(e)) && _failure?.SourceException != e)
        {
            (_failure, _failedAt) = (ExceptionDispatchInfo.Capture(e), clock.GetTimestamp());
            throw;
        }
        finally
        {
            _making.Release();
        }
    }
}
