using Coffer.Inference;

namespace Coffer.Text;

/// <summary>
/// Finds answers from the scores of tokens, as the question-answering pipeline of transformers does since its pull requests 38761 and 39193: softmax
/// over the text's tokens and the first one, which stands for no answer; the best pairs of a beginning and an end; the same words from several
/// places are one answer.
/// </summary>
internal sealed class AnswerSearch(Tokenizer tokenizer, int sequence, QuestionAnswererOptions options)
{
    // Outside of the text no answer begins or ends.
    private const float Masked = -10000;

    private readonly List<AnswerSpan> _answers = [];
    private float _impossible = float.PositiveInfinity;

    /// <summary>Adds the answers of a window.</summary>
    public void Add(string context, TextEncoding tokens, AnswerWindow logits)
    {
        var allowed = Allowed(tokens);
        var start = Scores(logits.Start, allowed);
        var end = Scores(logits.End, allowed);
        _impossible = Math.Min(_impossible, start[0] * end[0]);
        start[0] = end[0] = 0;

        foreach (var (score, first, last) in Best(start, end, allowed))
        {
            Add(context, options.AlignToWords ? Words(tokens, first, last) : Tokens(tokens, first, last), score);
        }
    }

    /// <summary>The answers, best first.</summary>
    public QuestionAnswering Result()
    {
        if (options.HandleImpossibleAnswer)
        {
            _answers.Add(new AnswerSpan("", _impossible, default));
        }

        return new QuestionAnswering([.. _answers.OrderByDescending(answer => answer.Score).Take(options.TopK)]);
    }

    private bool[] Allowed(TextEncoding tokens)
    {
        var allowed = new bool[tokens.Count];
        for (var i = 0; i < allowed.Length; i++)
        {
            allowed[i] = tokens.SequenceIds.Span[i] == sequence || tokens.Ids.Span[i] == tokenizer.SpecialTokens.Classification;
        }

        return allowed;
    }

    private static float[] Scores(float[] logits, bool[] allowed)
    {
        var scores = new float[logits.Length];
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = allowed[i] ? logits[i] : Masked;
        }

        ClassScores.Apply(ScoreFunction.Softmax, scores);
        return scores;
    }

    // More than are asked for where words are aligned: several may become one.
    private List<(float Score, int First, int Last)> Best(float[] start, float[] end, bool[] allowed)
    {
        var count = options.AlignToWords ? (options.TopK * 2L) + 10 : options.TopK;
        var best = new PriorityQueue<(int First, int Last), (float Score, int Order)>();
        var order = 0;
        for (var first = 0; first < start.Length; first++)
        {
            for (var last = first; allowed[first] && last < end.Length && last - first < options.MaxAnswerLength; last++)
            {
                var score = start[first] * end[last];
                if (score > 0 && allowed[last] && (best.Count < count || (best.TryPeek(out _, out var worst) && score > worst.Score)))
                {
                    best.Enqueue((first, last), (score, order--));
                    if (best.Count > count)
                    {
                        best.Dequeue();
                    }
                }
            }
        }

        var found = new List<(float Score, int First, int Last)>(best.Count);
        while (best.TryDequeue(out var span, out var priority))
        {
            found.Add((priority.Score, span.First, span.Last));
        }

        found.Reverse();
        return found;
    }

    private void Add(string context, TextSpan span, float score)
    {
        var text = context[span.Start..span.End];
        var known = _answers.FindIndex(answer => string.Equals(answer.Text, text, StringComparison.OrdinalIgnoreCase));
        if (known < 0)
        {
            _answers.Add(new AnswerSpan(text, score, span));
        }
        else
        {
            _answers[known] = _answers[known] with { Score = _answers[known].Score + score };
        }
    }

    private static TextSpan Tokens(TextEncoding tokens, int first, int last) => new(tokens.Offsets.Span[first].Start, tokens.Offsets.Span[last].End);

    // From the first token of the word in which the answer begins to the last of the one in which it ends, within the window.
    private static TextSpan Words(TextEncoding tokens, int first, int last)
    {
        var words = tokens.WordIds.Span;
        var sequences = tokens.SequenceIds.Span;
        if (words[first] == TextEncoding.NotFromText || words[last] == TextEncoding.NotFromText)
        {
            return Tokens(tokens, first, last);
        }

        var (start, end) = (first, last);
        while (start > 0 && words[start - 1] == words[first] && sequences[start - 1] == sequences[first])
        {
            start--;
        }

        while (end + 1 < words.Length && words[end + 1] == words[last] && sequences[end + 1] == sequences[last])
        {
            end++;
        }

        return Tokens(tokens, start, end);
    }
}
