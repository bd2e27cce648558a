using System.Runtime.CompilerServices;
using Coffer.Inference;

namespace Coffer.Text;

/// <summary>
/// Generates for every predictor that writes text: charges, once a prompt, runs on the caller's thread or the pool, and streams. A session
/// brings a decoder that is in the middle of its text.
/// </summary>
internal sealed class TextGeneration(GenerationModel model, PredictorContext context)
{
    private readonly BatchedGeneration _batches = new(model, context.Time);

    public GenerationModel Model => model;

    private ModelSignature Signature { get; } = model.Graphs.Signature;

    /// <summary>Generates on the caller's thread.</summary>
    public Prediction<GeneratedText> Predict(Func<GenerationRequest> prepare, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var scope = context.Begin(Signature, 1);
        using var text = new CachedText(model.Graphs);
        return scope.Predict(Generate(prepare(), text, cancellationToken));
    }

    /// <summary>Goes on with a text on the caller's thread.</summary>
    public Prediction<GeneratedText> Predict(Func<GenerationRequest> prepare, CachedText text, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var scope = context.Begin(Signature, 1);
        return scope.Predict(Generate(prepare(), text, cancellationToken));
    }

    /// <summary>Goes on with a text on the pool.</summary>
    public async Task<Prediction<GeneratedText>> PredictAsync(Func<GenerationRequest> prepare, CachedText text, CancellationToken cancellationToken)
    {
        using var slot = await context.EnterAsync(cancellationToken).ConfigureAwait(false);
        return await Task.Run(() => Predict(prepare, text, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Generates on the pool, several prompts in a run.</summary>
    public async Task<IReadOnlyList<Prediction<GeneratedText>>> PredictManyAsync(Func<GenerationRequest>[] prompts, CancellationToken cancellationToken)
    {
        using var slot = await context.EnterAsync(cancellationToken).ConfigureAwait(false);
        return await Task.Run(() => PredictMany(prompts, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Generates on the pool, and gives each token as it comes.</summary>
    public async IAsyncEnumerable<GeneratedToken> StreamAsync(Func<GenerationRequest> prepare, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var text = new CachedText(model.Graphs);
        await foreach (var token in StreamAsync(prepare, text, cancellationToken).ConfigureAwait(false))
        {
            yield return token;
        }
    }

    /// <summary>Goes on with a text on the pool, and gives each token as it comes.</summary>
    public async IAsyncEnumerable<GeneratedToken> StreamAsync(Func<GenerationRequest> prepare, CachedText text, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var slot = await context.EnterAsync(cancellationToken).ConfigureAwait(false);
        using var scope = context.Begin(Signature, 1);
        var run = await Task.Run(() => Start(prepare(), text, cancellationToken), cancellationToken).ConfigureAwait(false);
        try
        {
            while (run.Ended is null)
            {
                yield return await Task.Run(() => run.NextToken(context.Watermark, cancellationToken), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            text.Keep(run.Ids);
        }
    }

    private Prediction<GeneratedText>[] PredictMany(Func<GenerationRequest>[] prompts, CancellationToken cancellationToken)
    {
        using var scope = context.Begin(Signature, prompts.Length);
        var requests = Array.ConvertAll(prompts, prepare => prepare());
        var plans = Array.ConvertAll(requests, request => Plan(request, streams: false));
        var results = new GeneratedText[requests.Length];
        foreach (var places in _batches.Plan(requests, plans, cancellationToken))
        {
            if (places is [var place])
            {
                using var text = new CachedText(model.Graphs);
                results[place] = Generate(requests[place], plans[place], text, cancellationToken);
            }
            else
            {
                _batches.Run(requests, plans, places, results, cancellationToken);
            }
        }

        return Array.ConvertAll(results, result => scope.Predict(result));
    }

    private SequenceRun Start(GenerationRequest request, CachedText text, CancellationToken cancellationToken)
    {
        var plan = Plan(request, streams: true);
        Prepare(request, text, cancellationToken);
        return new SequenceRun(model, text.State, request, plan, plan.CreateRandom());
    }

    private GeneratedText Generate(GenerationRequest request, CachedText text, CancellationToken cancellationToken) =>
        Generate(request, Plan(request, streams: false), text, cancellationToken);

    private GeneratedText Generate(GenerationRequest request, GenerationPlan plan, CachedText text, CancellationToken cancellationToken)
    {
        var started = context.Time.GetTimestamp();
        Prepare(request, text, cancellationToken);
        if (plan.Beams > 1)
        {
            return Search(request, plan, text, cancellationToken);
        }

        var random = plan.CreateRandom();
        var sequences = new GeneratedSequence[plan.Sequences];
        var usage = new TokenUsage(request.PromptTokens, 0, text.State.Past);
        var first = TimeSpan.Zero;
        for (var i = 0; i < sequences.Length; i++)
        {
            if (i > 0)
            {
                text.State.Restart();
            }

            var run = new SequenceRun(model, text.State, request, plan, random);
            try
            {
                _ = run.Next(cancellationToken);
                first = i == 0 ? context.Time.GetElapsedTime(started) : first;
                while (run.Ended is null)
                {
                    _ = run.Next(cancellationToken);
                }
            }
            finally
            {
                text.Keep(run.Ids);
            }

            sequences[i] = run.Result;
            usage = usage with { Completion = usage.Completion + run.Usage.Completion };
        }

        return new GeneratedText(sequences, usage) { TimeToFirstToken = first };
    }

    private GeneratedText Search(GenerationRequest request, GenerationPlan plan, CachedText text, CancellationToken cancellationToken)
    {
        var usage = new TokenUsage(request.PromptTokens, 0, text.State.Past);
        try
        {
            var best = new BeamSearch(text.State, plan, model, request.Prompt, plan.CreateRandom()).Run(cancellationToken);
            GeneratedSequence[] sequences = [.. best.Select(hypothesis => ToSequence(hypothesis, request, plan))];
            return new GeneratedText(sequences, usage with { Completion = sequences.Sum(sequence => sequence.Tokens.Length) });
        }
        finally
        {
            // The rows of the cache are beams, and none of them the text.
            text.Forget();
        }
    }

    private GeneratedSequence ToSequence(BeamHypothesis hypothesis, GenerationRequest request, GenerationPlan plan)
    {
        var text = new StoppedText(model.Tokenizer, request.Context, plan.StopStrings);
        foreach (var token in hypothesis.Generated)
        {
            _ = text.Append(token);
        }

        _ = text.Complete();
        return new GeneratedSequence(text.ToString(), hypothesis.Generated, text.IsStopped ? FinishReason.StopString : hypothesis.FinishReason) { Score = hypothesis.Score };
    }

    private GenerationPlan Plan(GenerationRequest request, bool streams)
    {
        var plan = GenerationPlan.For(request.Options, model, request.Config, request.Prompt.Length, streams);
        model.RequireCacheWithin(request.Options.MaxCacheBytes, plan, request.Source.Length);
        return plan;
    }

    private static void Prepare(GenerationRequest request, CachedText text, CancellationToken cancellationToken)
    {
        if (request.Source.Length > 0)
        {
            text.State.Encode([request.Source], cancellationToken);
        }
        else
        {
            text.GoOnTo(request.Prompt);
        }
    }
}
