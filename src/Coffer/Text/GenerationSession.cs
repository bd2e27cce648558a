using System.Runtime.CompilerServices;
using Coffer.Inference;

namespace Coffer.Text;

/// <summary>
/// A conversation with a <see cref="TextGenerator"/>: each prompt is the whole conversation so far, and what it has in common with the tokens in
/// the key-value cache is not run again. The texts are those of <see cref="TextGenerator"/> itself. Each call is one unit of quota. One call at
/// a time; dispose it to give the cache's memory back.
/// </summary>
public sealed class GenerationSession : IDisposable
{
    private readonly TextGeneration _generation;
    private readonly Func<TextPrompt, TextGeneratorOptions?, Func<GenerationRequest>> _request;
    private readonly CachedText _text;
    private int _isBusy;
    private volatile bool _disposed;

    internal GenerationSession(TextGeneration generation, Func<TextPrompt, TextGeneratorOptions?, Func<GenerationRequest>> request)
    {
        _generation = generation;
        _request = request;
        _text = new CachedText(generation.Model.Graphs);
    }

    /// <summary>How many tokens the cache holds: of the last prompt and its answer, without the answer's last.</summary>
    public int CachedTokens => _text.Length;

    /// <summary>Generates on the caller's thread.</summary>
    /// <param name="input">The whole conversation.</param>
    /// <param name="options">Null for the defaults. A beam search leaves no cache behind.</param>
    /// <param name="cancellationToken">Stops a running model; what it had run stays in the cache.</param>
    /// <exception cref="InferenceException">As of <see cref="TextGenerator.Predict"/>, or another call of the session is under way (<see cref="InferenceError.InvalidCall"/>).</exception>
    /// <inheritdoc cref="TextGenerator.Predict" path="/exception[@cref='T:Coffer.Inference.InputException']|/exception[@cref='T:System.ArgumentException']|/exception[@cref='T:Coffer.Bundles.LicenseException']"/>
    public Prediction<GeneratedText> Predict(TextPrompt input, TextGeneratorOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var turn = Enter();
        return _generation.Predict(_request(input, options), _text, cancellationToken);
    }

    /// <summary>Generates on the thread pool.</summary>
    /// <inheritdoc cref="Predict" path="/param|/exception"/>
    public async Task<Prediction<GeneratedText>> PredictAsync(TextPrompt input, TextGeneratorOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var turn = Enter();
        return await _generation.PredictAsync(_request(input, options), _text, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Generates on the thread pool, and gives each token as soon as it is there.</summary>
    /// <inheritdoc cref="Predict" path="/param|/exception"/>
    public async IAsyncEnumerable<GeneratedToken> PredictStreamAsync(
        TextPrompt input, TextGeneratorOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var turn = Enter();
        await foreach (var token in _generation.StreamAsync(_request(input, options), _text, cancellationToken).ConfigureAwait(false))
        {
            yield return token;
        }
    }

    /// <summary>Ends the conversation; the generator stays. A call in progress finishes first.</summary>
    public void Dispose()
    {
        _disposed = true;
        if (Interlocked.CompareExchange(ref _isBusy, 1, 0) == 0)
        {
            _text.Dispose();
        }
    }

    private Turn Enter()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Interlocked.CompareExchange(ref _isBusy, 1, 0) == 0)
        {
            return new Turn(this);
        }

        ObjectDisposedException.ThrowIf(_disposed, this);
        throw new InferenceException(InferenceError.InvalidCall, "A call of this session is under way. Await it first, or start a session for each conversation.");
    }

    private void Leave()
    {
        Volatile.Write(ref _isBusy, 0);
        if (_disposed)
        {
            Dispose();
        }
    }

    private readonly struct Turn(GenerationSession session) : IDisposable
    {
        public void Dispose() => session.Leave();
    }
}
