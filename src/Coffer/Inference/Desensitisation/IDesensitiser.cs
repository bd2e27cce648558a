namespace Coffer.Inference;

/// <summary>
/// Removes from inputs what must not leave this device: from texts (<see cref="Text.TextDesensitiser{TInput, TResult}"/>), from pictures
/// (<see cref="Vision.ImageDesensitiser{TResult}"/>), or from an application's own inputs. Thread-safe.
/// </summary>
/// <typeparam name="TInput">The input.</typeparam>
/// <typeparam name="TResult">The result, in which placeholders may be turned back.</typeparam>
public interface IDesensitiser<TInput, TResult>
{
    /// <summary>The kinds that it can remove, or that such an input never has.</summary>
    IReadOnlySet<string> Kinds { get; }

    /// <summary>Removes its own kinds and those that are asked for.</summary>
    /// <param name="input">The input as the application gave it; stays as it is.</param>
    /// <param name="atLeast">Kinds that a license wants removed; all among <see cref="Kinds"/>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    ValueTask<Desensitised<TInput, TResult>> RemoveAsync(TInput input, IReadOnlyCollection<string> atLeast, CancellationToken cancellationToken = default);
}
