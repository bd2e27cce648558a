using System.Runtime.CompilerServices;
using Coffer.Inference;

namespace Coffer.Text;

/// <summary>
/// Generates for every predictor that writes text: charges, once a prompt, runs on the caller's thread or the pool, and streams. A session
/// brings a decoder that is in the middle of its text.
/// </summary>
internal sealed class TextGeneration(GenerationModel model, PredictorContext context)
{
    public GenerationModel Model => model;

    private ModelSignature Signature { get; } = model.Graphs.Signature;

    /// <summary>Generates on the caller's thread.</summary>
    public Prediction<GeneratedText> Predict(Func<GenerationRequest> prepare, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var scope = context.Begin(Signature, 1);
        using var state = new DecoderState(model.Graphs);
        return scope.Predict(Generate(prepare(), state, cancellationToken));
    }

    /// <summary>Generates on the pool, one prompt after another.</summary>
    public async Task<IReadOnlyList<Prediction<GeneratedText>>> PredictManyAsync(Func<GenerationRequest>[] prompts, CancellationToken cancellationToken)
    {
        using var slot = await context.EnterAsync(cancellationToken).ConfigureAwait(false);
        return await Task.Run(() => PredictMany(prompts, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Generates on the pool, and gives each token as it comes.</summary>
    public async IAsyncEnumerable<GeneratedToken> StreamAsync(Func<GenerationRequest> prepare, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var slot = await context.EnterAsync(cancellationToken).ConfigureAwait(false);
        using var scope = context.Begin(Signature, 1);
        using var state = new DecoderState(model.Graphs);
        var run = await Task.Run(() => Start(prepare(), state, cancellationToken), cancellationToken).ConfigureAwait(false);
        while (run.Ended is null)
        {
            yield return await Task.Run(() => run.NextToken(context.Watermark, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
    }

    private Prediction<GeneratedText>[] PredictMany(Func<GenerationRequest>[] prompts, CancellationToken cancellationToken)
    {
        using var scope = context.Begin(Signature, prompts.Length);
        var requests = Array.ConvertAll(prompts, prepare => prepare());
        var results = new GeneratedText[requests.Length];
        for (var i = 0; i < requests.Length; i++)
        {
            using var state = new DecoderState(model.Graphs);
            results[i] = Generate(requests[i], state, cancellationToken);
        }

        return Array.ConvertAll(results, result => scope.Predict(result));
    }

    private SequenceRun Start(GenerationRequest request, DecoderState state, CancellationToken cancellationToken)
    {
        var plan = Plan(request, streams: true);
        Encode(request, state, cancellationToken);
        return new SequenceRun(model, state, request, plan, plan.CreateRandom());
    }

    private GeneratedText Generate(GenerationRequest request, DecoderState state, CancellationToken cancellationToken)
    {
        var plan = Plan(request, streams: false);
        var started = context.Time.GetTimestamp();
        Encode(request, state, cancellationToken);
        if (plan.Beams > 1)
        {
            return Search(request, plan, state, cancellationToken);
        }

        var random = plan.CreateRandom();
        var sequences = new GeneratedSequence[plan.Sequences];
        var usage = new TokenUsage(request.PromptTokens, 0, state.Past);
        var first = TimeSpan.Zero;
        for (var i = 0; i < sequences.Length; i++)
        {
            if (i > 0)
            {
                state.Restart();
            }

            var run = new SequenceRun(model, state, request, plan, random);
            _ = run.Next(cancellationToken);
            first = i == 0 ? context.Time.GetElapsedTime(started) : first;
            while (run.Ended is null)
            {
                _ = run.Next(cancellationToken);
            }

            sequences[i] = run.Result;
            usage = usage with { Completion = usage.Completion + run.Usage.Completion };
        }

        return new GeneratedText(sequences, usage) { TimeToFirstToken = first };
    }

    private GeneratedText Search(GenerationRequest request, GenerationPlan plan, DecoderState state, CancellationToken cancellationToken)
    {
        var usage = new TokenUsage(request.PromptTokens, 0, state.Past);
        var best = new BeamSearch(state, plan, model, request.Prompt, plan.CreateRandom()).Run(cancellationToken);
        GeneratedSequence[] sequences = [.. best.Select(hypothesis => ToSequence(hypothesis, request, plan))];
        return new GeneratedText(sequences, usage with { Completion = sequences.Sum(sequence => sequence.Tokens.Length) });
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

    private static void Encode(GenerationRequest request, DecoderState state, CancellationToken cancellationToken)
    {
        if (request.Source.Length > 0)
        {
            state.Encode(request.Source, cancellationToken);
        }
    }
}
