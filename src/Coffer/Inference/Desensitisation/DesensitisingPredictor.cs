using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coffer.Inference;

/// <summary>
/// Stands around a predictor on an endpoint: removes from each input, as the application gave it and before any preprocessing, what must not
/// leave, and puts it back in the answer. The license's <c>remote.desensitise</c> is the floor; the application can only remove more. What
/// was removed is counted by kind, and never said. Thread-safe. Put it around the remote leg of a <see cref="HybridPredictor{TInput, TOptions, TResult}"/>, not around the whole.
/// </summary>
/// <typeparam name="TInput">The input.</typeparam>
/// <typeparam name="TOptions">The options.</typeparam>
/// <typeparam name="TResult">The result.</typeparam>
public sealed class DesensitisingPredictor<TInput, TOptions, TResult> : IPredictor<TInput, TOptions, TResult>
    where TOptions : class
{
    private readonly IPredictor<TInput, TOptions, TResult> _remote;
    private readonly Desensitising<TInput, TResult> _desensitising;

    /// <summary>Creates the predictor.</summary>
    /// <param name="remote">Predicts on an endpoint; belongs to this one.</param>
    /// <param name="desensitiser">Removes.</param>
    /// <param name="model">Whose license says what must be removed at least; null where none does.</param>
    /// <param name="logger">Gets an event for each call that leaves: how many of which kind were removed. Null for nowhere.</param>
    public DesensitisingPredictor(
        IPredictor<TInput, TOptions, TResult> remote, IDesensitiser<TInput, TResult> desensitiser, ProtectedModel? model = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(remote);
        ArgumentNullException.ThrowIfNull(desensitiser);
        _remote = remote;
        _desensitising = new Desensitising<TInput, TResult>(desensitiser, model, logger ?? NullLogger.Instance);
    }

    /// <summary>Removes, predicts, and puts back.</summary>
    /// <param name="input">The input.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <exception cref="Bundles.LicenseException">The license wants removed what can't be removed here (<see cref="Bundles.LicenseError.NotDesensitised"/>), or refuses the call.</exception>
    public async Task<Prediction<TResult>> PredictAsync(TInput input, TOptions? options = null, CancellationToken cancellationToken = default)
    {
        var safe = await _desensitising.RemoveAsync(input, cancellationToken).ConfigureAwait(false);
        Desensitising<TInput, TResult>.Declare(safe.Removed);
        _desensitising.Audit(safe.Counts);
        return Restored(await _remote.PredictAsync(safe.Input, options, cancellationToken).ConfigureAwait(false), safe);
    }

    /// <summary>Removes, predicts, and puts back.</summary>
    /// <param name="inputs">The inputs; may be empty.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <inheritdoc cref="PredictAsync" path="/exception"/>
    public async Task<IReadOnlyList<Prediction<TResult>>> PredictBatchAsync(IReadOnlyList<TInput> inputs, TOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var safe = new List<Desensitised<TInput, TResult>>(inputs.Count);
        foreach (var input in inputs)
        {
            safe.Add(await _desensitising.RemoveAsync(input, cancellationToken).ConfigureAwait(false));
        }

        if (safe.Count > 0)
        {
            Desensitising<TInput, TResult>.Declare(safe.Skip(1).Aggregate(safe[0].Removed.ToHashSet(StringComparer.Ordinal), (common, one) =>
            {
                common.IntersectWith(one.Removed);
                return common;
            }));
            _desensitising.Audit(safe.SelectMany(one => one.Counts).GroupBy(count => count.Key).ToDictionary(kind => kind.Key, kind => kind.Sum(count => count.Value)));
        }

        var predictions = await _remote.PredictBatchAsync([.. safe.Select(one => one.Input)], options, cancellationToken).ConfigureAwait(false);
        return [.. predictions.Zip(safe, Restored)];
    }

    /// <summary>Disposes the predictor on the endpoint.</summary>
    public void Dispose() => _remote.Dispose();

    private static Prediction<TResult> Restored(Prediction<TResult> prediction, Desensitised<TInput, TResult> safe) =>
        safe.Restore is { } restore ? prediction with { Value = restore(prediction.Value) } : prediction;
}
