using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>
/// Beam search against its definition (transformers' BeamSearchScorer), written down again over runs of the whole text without a cache. That
/// transformers.js has no beam search is why there is no peer.
/// </summary>
public sealed class BeamSearchTests(ITestOutputHelper output)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, int, float, EarlyStopping, int> Cases { get; } = new()
    {
        { "gpt2", 2, 1, EarlyStopping.Heuristic, 0 },
        { "gpt2", 4, 1.5f, EarlyStopping.WhenFull, 2 },
        { "llama", 3, 0.5f, EarlyStopping.Never, 0 },
        { "llama", 5, 2, EarlyStopping.Heuristic, 3 },
        { "t5", 3, 1, EarlyStopping.Heuristic, 0 },
        { "t5", 4, -1, EarlyStopping.Never, 2 },
        { "marian", 2, 0, EarlyStopping.WhenFull, 2 },
        { "marian", 4, 1, EarlyStopping.Never, 3 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Generate_Beams_EqualsTheDefinition(string architecture, int beams, float lengthPenalty, EarlyStopping stopping, int noRepeat)
    {
        using var model = new ExportedArchitecture(architecture);
        const int MaxNewTokens = 12;
        foreach (var text in new[] { "Hello, world", "A quiet day", "xyz" })
        {
            var source = model.Tokenizer.Encode(text).Ids.ToArray();
            int[] prompt = model.IsDecoder ? source : [0];

            // Ends that come often, so that beams end in the middle.
            int[] ends = [.. Enumerable.Range(0, 30).Select(i => 1 + (i * 8))];
            var expected = Define(ids => model.Logits(source, ids), prompt, new(beams, lengthPenalty, stopping, noRepeat, MaxNewTokens, ends, architecture == "marian" ? 0 : -1));

            var result = model.Generate(text, new()
            {
                MaxNewTokens = MaxNewTokens,
                Beams = beams,
                Sequences = beams,
                LengthPenalty = lengthPenalty,
                EarlyStopping = stopping,
                NoRepeatNgramSize = noRepeat,
                EndOfSequence = ends,
                ForcedLastToken = 1,
            });

            output.WriteLine(string.Join('\n', expected.Select(beam => $"{beam.Score:0.0000} {string.Join(' ', beam.Ids)}")));
            Assert.Equal(expected.Count, result.Sequences.Count);
            foreach (var ((score, ids), sequence) in expected.Zip(result.Sequences))
            {
                Assert.Equal(ids, sequence.Tokens.ToArray());
                Assert.Equal(score, sequence.Score!.Value, 1e-3);
            }
        }
    }

    [Fact]
    public void Predict_BeamsOfAStory_AreNoLessLikelyThanTheGreedyOne()
    {
        using var model = new TinyStories();
        var options = new TextGeneratorOptions { MaxNewTokens = 20, LengthPenalty = 0 };
        var greedy = model.Generator.Predict(TinyStories.Beginning, options, Token).Value.Tokens.ToArray();

        var beam = model.Generator.Predict(TinyStories.Beginning, options with { Beams = 4 }, Token).Value;

        Assert.True(beam.Sequences[0].Score >= Likelihood(model, greedy) - 1e-3);
        Assert.Equal(Likelihood(model, beam.Tokens.ToArray()), beam.Sequences[0].Score!.Value, 1e-3);
    }

    [Fact]
    public void Predict_BeamSampling_RepeatsWithItsSeed()
    {
        using var model = new TinyStories();
        var options = new TextGeneratorOptions { MaxNewTokens = 20, Beams = 3, Temperature = 1.2f, Seed = 4 };

        var first = model.Generator.Predict(TinyStories.Beginning, options, Token).Value;

        Assert.Equal(first.Text, model.Generator.Predict(TinyStories.Beginning, options, Token).Value.Text);
        Assert.NotEqual(first.Text, model.Generator.Predict(TinyStories.Beginning, options with { Seed = 5 }, Token).Value.Text);
    }

    [Fact]
    public async Task PredictStreamAsync_Beams_AreRefused()
    {
        using var model = new TinyStories();

        await Assert.ThrowsAsync<ArgumentException>(async () => await model.Generator.PredictStreamAsync("a", new() { Beams = 2 }, Token).GetAsyncEnumerator(Token).MoveNextAsync());
    }

    // Where a constraint leaves fewer tokens than there are beams, no beam takes a forbidden one.
    [Fact]
    public void Predict_ConstraintNarrowerThanTheBeams_IsKept()
    {
        using var model = new TinyStories();

        var result = model.Generator.Predict(TinyStories.Beginning, new() { MaxNewTokens = 4, Beams = 4, Sequences = 4, LogitsProcessors = [new Only([50, 60])] }, Token).Value;

        Assert.All(result.Sequences, sequence => Assert.All(sequence.Tokens.ToArray(), id => Assert.Contains(id, new[] { 50, 60 })));
        Assert.Equal(4, result.Sequences.Select(sequence => string.Join(' ', sequence.Tokens.ToArray())).Distinct().Count());
    }

    private static double Likelihood(TinyStories model, int[] generated)
    {
        var prompt = TinyStories.Reference().Prompt;
        var logits = model.Logits([.. prompt, .. generated]);
        return generated.Select((id, i) => LogSoftmax(logits[prompt.Length - 1 + i])[id]).Sum();
    }

    private static List<(double Score, int[] Ids)> Define(Func<int[], float[]> logits, int[] prompt, Rules rules)
    {
        var beams = Enumerable.Range(0, rules.Beams).Select(i => (Ids: prompt, Sum: i == 0 ? 0d : -1e9)).ToList();
        var ended = new List<(double Score, int[] Ids)>();
        double Scored(double sum, int length) => sum / Math.Pow(length, rules.LengthPenalty);
        void End(int[] ids, double sum)
        {
            int[] generated = ids[prompt.Length..];
            ended.Add((Scored(sum, generated.Length), generated));
            ended = [.. ended.OrderByDescending(one => one.Score).Take(rules.Beams)];
        }

        for (var length = 1; ; length++)
        {
            var candidates = new List<(int[] Ids, double Sum)>();
            foreach (var (ids, sum) in beams)
            {
                var scores = LogSoftmax(logits(ids));
                foreach (var token in Enumerable.Range(0, scores.Length).Where(token => rules.Allows(ids, token, length)))
                {
                    candidates.Add(([.. ids, token], sum + (rules.Forces(length) ? 0 : scores[token])));
                }
            }

            var best = candidates.OrderByDescending(candidate => candidate.Sum).Take(Math.Max(2, 1 + rules.Ends.Length) * rules.Beams).ToList();
            beams = [];
            foreach (var (rank, (ids, sum)) in best.Index())
            {
                if (beams.Count == rules.Beams)
                {
                    break;
                }

                if (!rules.Ends.Contains(ids[^1]))
                {
                    beams.Add((ids, sum));
                }
                else if (rank < rules.Beams)
                {
                    End(ids, sum);
                }
            }

            var isFull = ended.Count == rules.Beams;
            var attainable = rules.Stopping == EarlyStopping.Never && rules.LengthPenalty > 0 ? Scored(best[0].Sum, rules.MaxNewTokens) : Scored(best[0].Sum, length);
            if ((isFull && (rules.Stopping == EarlyStopping.WhenFull || ended[^1].Score >= attainable)) || beams.Count == 0)
            {
                return ended;
            }

            if (length == rules.MaxNewTokens)
            {
                beams.ForEach(beam => End(beam.Ids, beam.Sum));
                return ended;
            }
        }
    }

    private static double[] LogSoftmax(float[] logits)
    {
        var max = logits.Max();
        var sum = Math.Log(logits.Sum(logit => Math.Exp(logit - max)));
        return [.. logits.Select(logit => logit - max - sum)];
    }

    private sealed record Rules(int Beams, float LengthPenalty, EarlyStopping Stopping, int NoRepeat, int MaxNewTokens, int[] Ends, int Bad)
    {
        public bool Forces(int length) => length == MaxNewTokens;

        public bool Allows(int[] ids, int token, int length) =>
            Forces(length) ? token == 1 : token != Bad && !(NoRepeat > 0 && Repeats([.. ids, token]));

        private bool Repeats(int[] ids) => ids.Length >= NoRepeat
            && Enumerable.Range(0, ids.Length - NoRepeat).Any(start => ids.AsSpan(start, NoRepeat).SequenceEqual(ids.AsSpan(^NoRepeat..)));
    }

    private sealed class Only(int[] allowed) : LogitsProcessor
    {
        public override void Process(ReadOnlySpan<int> ids, int promptLength, Span<float> logits)
        {
            for (var id = 0; id < logits.Length; id++)
            {
                logits[id] = allowed.Contains(id) ? logits[id] : float.NegativeInfinity;
            }
        }
    }
}
