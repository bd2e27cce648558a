using Coffer.Inference;
using Coffer.Text;

namespace Coffer.Extensions;

/// <summary>
/// Whom requests go to: a session whose conversation the request continues, where there are sessions, else the predictor. A session is one request's at
/// a time; idle ones are kept up to a number, the least recently used of which gives way.
/// </summary>
internal sealed class Conversations : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Idle> _idle = [];
    private readonly IPredictor<TextPrompt, TextGeneratorOptions, GeneratedText> _predictor;
    private readonly IStreamingPredictor<TextPrompt, TextGeneratorOptions, GeneratedToken>? _streaming;
    private readonly TextGenerator? _generator;
    private readonly int _kept;
    private bool _disposed;

    public Conversations(TextGenerator generator, int kept)
        : this(generator, generator) => (_generator, _kept) = (generator, kept);

    public Conversations(
        IPredictor<TextPrompt, TextGeneratorOptions, GeneratedText> predictor, IStreamingPredictor<TextPrompt, TextGeneratorOptions, GeneratedToken>? streaming) =>
        (_predictor, _streaming) = (predictor, streaming);

    /// <param name="Session">Nobody's now.</param>
    /// <param name="Prompt">What it read last.</param>
    private sealed record Idle(GenerationSession Session, string Prompt);

    public object Predictor => _predictor;

    public bool Streams => _streaming is not null;

    /// <summary>Begins a request.</summary>
    /// <param name="prompt">The whole conversation.</param>
    /// <returns>What answers it; to be disposed.</returns>
    public Turn Enter(TextPrompt prompt)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(CofferChatClient));
            if (_kept == 0 || _generator is null)
            {
                return new Turn(this, prompt, null);
            }

            var found = _idle.FindLastIndex(idle => prompt.Text!.StartsWith(idle.Prompt, StringComparison.Ordinal));

            // Another conversation takes over the memory of the one that was idle for the longest.
            found = found < 0 && _idle.Count == _kept ? 0 : found;
            if (found < 0)
            {
                return new Turn(this, prompt, _generator.StartSession());
            }

            var session = _idle[found].Session;
            _idle.RemoveAt(found);
            return new Turn(this, prompt, session);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _idle.ForEach(idle => idle.Session.Dispose());
            _idle.Clear();
        }
    }

    private void Leave(GenerationSession session, string prompt)
    {
        lock (_gate)
        {
            if (_disposed)
            {
                session.Dispose();
                return;
            }

            if (_idle.Count == _kept)
            {
                _idle[0].Session.Dispose();
                _idle.RemoveAt(0);
            }

            _idle.Add(new Idle(session, prompt));
        }
    }

    /// <summary>A request under way.</summary>
    public readonly struct Turn(Conversations conversations, TextPrompt prompt, GenerationSession? session) : IDisposable
    {
        public Task<Prediction<GeneratedText>> PredictAsync(TextGeneratorOptions options, CancellationToken cancellationToken) =>
            session is null ? conversations._predictor.PredictAsync(prompt, options, cancellationToken) : session.PredictAsync(prompt, options, cancellationToken);

        public IAsyncEnumerable<GeneratedToken> StreamAsync(TextGeneratorOptions options, CancellationToken cancellationToken) =>
            session is null ? conversations._streaming!.PredictStreamAsync(prompt, options, cancellationToken) : session.PredictStreamAsync(prompt, options, cancellationToken);

        public void Dispose()
        {
            if (session is not null)
            {
                conversations.Leave(session, prompt.Text!);
            }
        }
    }
}
