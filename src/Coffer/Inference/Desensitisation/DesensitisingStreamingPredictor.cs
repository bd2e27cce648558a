using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coffer.Inference;

/// <summary>The streaming twin of <see cref="DesensitisingPredictor{TInput, TOptions, TResult}"/>: values are put back also where an item cuts a placeholder in two.</summary>
/// <typeparam name="TInput">The input.</typeparam>
/// <typeparam name="TOptions">The options.</typeparam>
/// <typeparam name="TResult">An item of the stream.</typeparam>
public sealed class DesensitisingStreamingPredictor<TInput, TOptions, TResult> : IStreamingPredictor<TInput, TOptions, TResult>
    where TOptions : class
{
    private readonly IStreamingPredictor<TInput, TOptions, TResult> _remote;
    private readonly Desensitising<TInput, TResult> _desensitising;

    /// <summary>Creates the predictor.</summary>
    /// <param name="remote">Predicts on an endpoint; belongs to this one.</param>
    /// <param name="desensitiser">Removes.</param>
    /// <param name="model">Whose license says what must be removed at least; null where none does.</param>
    /// <param name="logger">Gets an event for each stream: how many of which kind were removed. Null for nowhere.</param>
    public DesensitisingStreamingPredictor(
        IStreamingPredictor<TInput, TOptions, TResult> remote, IDesensitiser<TInput, TResult> desensitiser, ProtectedModel? model = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(remote);
        ArgumentNullException.ThrowIfNull(desensitiser);
        _remote = remote;
        _desensitising = new Desensitising<TInput, TResult>(desensitiser, model, logger ?? NullLogger.Instance);
    }

    /// <summary>Removes, predicts, and puts back in each item.</summary>
    /// <param name="input">The input.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Stops the stream.</param>
    /// <exception cref="Bundles.LicenseException">The license wants removed what can't be removed here (<see cref="Bundles.LicenseError.NotDesensitised"/>), or refuses the call.</exception>
    public async IAsyncEnumerable<TResult> PredictStreamAsync(TInput input, TOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var safe = await _desensitising.RemoveAsync(input, cancellationToken).ConfigureAwait(false);
        _desensitising.Audit(safe.Counts);
        var items = DeclaredAsync(_remote.PredictStreamAsync(safe.Input, options, cancellationToken), safe.Removed, cancellationToken);
        await foreach (var item in (safe.RestoreStream?.Invoke(items) ?? items).ConfigureAwait(false))
        {
            yield return item;
        }
    }

    /// <summary>Disposes the predictor on the endpoint.</summary>
    public void Dispose() => _remote.Dispose();

    // What is declared holds within one step of an iterator: it is declared before each.
    private static async IAsyncEnumerable<TResult> DeclaredAsync(IAsyncEnumerable<TResult> items, IReadOnlySet<string> removed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var enumerator = items.GetAsyncEnumerator(cancellationToken);
        await using (enumerator.ConfigureAwait(false))
        {
            while (true)
            {
                Desensitising<TInput, TResult>.Declare(removed);
                if (!await enumerator.MoveNextAsync().ConfigureAwait(false))
                {
                    yield break;
                }

                yield return enumerator.Current;
            }
        }
    }
}
