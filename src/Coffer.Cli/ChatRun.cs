using System.Runtime.CompilerServices;
using System.Text;
using Coffer.Cli.Commands;
using Coffer.Inference;
using Coffer.Text;

namespace Coffer.Cli;

/// <summary>A conversation with a language model, by its own chat template: what a turn has in common with those before it is not run again.</summary>
internal sealed class ChatRun : IDisposable
{
    private readonly ChatTemplate _template;
    private readonly GenerationSession _session;
    private readonly TextGeneratorOptions _options;
    private readonly List<ChatTurn> _turns = [];

    /// <exception cref="TextTemplateException">The model has no chat template, or one that can't be read.</exception>
    public ChatRun(TextGenerator generator, GeneratingOptions.Request request)
    {
        _template = generator.ChatTemplate;
        _options = request.ForGenerator();
        if (request.System is { } system)
        {
            _turns.Add(ChatTurn.System(system));
        }

        _session = generator.StartSession();
    }

    /// <summary>Answers what the user says next. What can't be answered is no part of the conversation.</summary>
    public async Task<Prediction<GeneratedText>> AnswerAsync(string text, CancellationToken cancellationToken)
    {
        var answer = await _session.PredictAsync(Prompt(text), _options, cancellationToken);
        Keep(text, answer.Value.Text);
        return answer;
    }

    /// <summary>Answers what the user says next, as it comes.</summary>
    public async IAsyncEnumerable<GeneratedToken> StreamAsync(string text, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var answer = new StringBuilder();
        await foreach (var token in _session.PredictStreamAsync(Prompt(text), _options, cancellationToken))
        {
            answer.Append(token.Text);
            yield return token;
        }

        Keep(text, answer.ToString());
    }

    public void Dispose() => _session.Dispose();

    private TextPrompt Prompt(string text) => TextPrompt.FromMessages(_template, [.. _turns, ChatTurn.User(text)]);

    private void Keep(string text, string answer) => _turns.AddRange([ChatTurn.User(text), ChatTurn.Assistant(answer)]);
}
