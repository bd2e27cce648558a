namespace Coffer.Text;

/// <summary>The processors of one generation, in transformers' order (<c>GenerationMixin._get_logits_processor</c>).</summary>
internal sealed class LogitsChain
{
    private readonly LogitsProcessor[] _processors;

    private LogitsChain(LogitsProcessor[] processors) => _processors = processors;

    public bool IsEmpty => _processors.Length == 0;

    public static LogitsChain Begin(GenerationPlan plan, LogitsProcessorContext context)
    {
        var processors = new List<LogitsProcessor>();
        if (plan.RepetitionPenalty != 1)
        {
            processors.Add(new RepetitionPenalty(plan.RepetitionPenalty));
        }

        if (plan.FrequencyPenalty != 0 || plan.PresencePenalty != 0)
        {
            processors.Add(new OccurrencePenalty(plan.FrequencyPenalty, plan.PresencePenalty));
        }

        if (plan.NoRepeatNgramSize > 0)
        {
            processors.Add(new NoRepeatNgram(plan.NoRepeatNgramSize));
        }

        // A bad word that is the end itself would make every text endless; transformers leaves it out too.
        var badWords = plan.BadWords.Where(word => word.Length > 0 && !(word.Length == 1 && plan.EndOfSequence.Contains(word[0]))).ToArray();
        if (badWords.Length > 0)
        {
            processors.Add(new ForbiddenSequences(badWords));
        }

        if (plan.EndOfSequence.Count > 0 && (plan.MinLength > 0 || plan.MinNewTokens > 0))
        {
            processors.Add(new MinLength(plan.MinLength, plan.MinNewTokens, plan.EndOfSequence));
        }

        if (plan.ForcedFirstToken is { } first)
        {
            processors.Add(new ForcedToken(1, [first]));
        }

        if (plan.ForcedLastTokens.Count > 0)
        {
            processors.Add(new ForcedToken(plan.PromptLength + plan.MaxNewTokens - 1, plan.ForcedLastTokens));
        }

        if (plan.SuppressTokens.Count > 0)
        {
            processors.Add(new SuppressedTokens(plan.SuppressTokens));
        }

        if (plan.SuppressFirstTokens.Count > 0)
        {
            processors.Add(new SuppressedTokens(plan.SuppressFirstTokens, plan.PromptLength > 1 || plan.ForcedFirstToken is null ? plan.PromptLength : plan.PromptLength + 1));
        }

        processors.AddRange(plan.LogitsProcessors);
        return new LogitsChain([.. processors.Select(processor => processor.Begin(context))]);
    }

    public void Process(ReadOnlySpan<int> ids, int promptLength, Span<float> logits)
    {
        foreach (var processor in _processors)
        {
            processor.Process(ids, promptLength, logits);
        }
    }

    /// <summary>Numbers beyond the model's vocabulary, which files name for tokens that were cut off, forbid nothing.</summary>
    public static void Forbid(Span<float> logits, int token)
    {
        if ((uint)token < (uint)logits.Length)
        {
            logits[token] = float.NegativeInfinity;
        }
    }
}
