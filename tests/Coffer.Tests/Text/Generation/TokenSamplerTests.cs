using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>What may be drawn, against a plain rewriting of transformers' warpers.</summary>
public sealed class TokenSamplerTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(0.7f, 0, 1f, 0f, 1)]
    [InlineData(1f, 3, 1f, 0f, 1)]
    [InlineData(1f, 0, 0.6f, 0f, 1)]
    [InlineData(1f, 0, 0.05f, 0f, 2)]
    [InlineData(1f, 0, 1f, 0.3f, 1)]
    [InlineData(1f, 1, 1f, 1f, 3)]
    [InlineData(1.7f, 9, 0.8f, 0.05f, 2)]
    public void Warp_RandomScores_KeepsWhatTransformersKeeps(float temperature, int topK, float topP, float minP, int leastKept)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            float[] logits = [.. Enumerable.Range(0, 24).Select(_ => (float)((random.NextDouble() * 12) - 6))];
            var expected = Reference(logits, temperature, topK, topP, minP, leastKept);

            Plan(temperature, topK, topP, minP, logits.Length, leastKept).Warp(logits);

            Assert.Equal(expected.Select(float.IsNegativeInfinity), logits.Select(float.IsNegativeInfinity));
            Assert.All(expected.Zip(logits).Where(pair => !float.IsNegativeInfinity(pair.First)), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        }
    }

    [Fact]
    public void DrawDistinct_FewerThanAsked_GivesEachOnce()
    {
        float[] scores = [0, float.NegativeInfinity, 1, 2];

        Assert.Equal([0, 2, 3], Plan(1, 0, 1, 0, 4, 1).DrawDistinct(scores, 10).Order());
    }

    [Fact]
    public void Draw_NothingLeft_SaysNone() =>
        Assert.Equal(-1, Plan(1, 0, 1, 0, 3, 1).Draw([float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity]));

    private static TokenSampler Plan(float temperature, int topK, float topP, float minP, int vocabulary, int leastKept)
    {
        var plan = GenerationPlan.ForSampling(temperature, topK, topP, minP);
        return new TokenSampler(plan, new Random(3), vocabulary, leastKept);
    }

    private static float[] Reference(float[] given, float temperature, int topK, float topP, float minP, int leastKept)
    {
        var scores = given.Select(score => score / temperature).ToArray();
        if (topK > 0)
        {
            var least = scores.OrderDescending().ElementAt(Math.Max(topK, leastKept) - 1);
            scores = [.. scores.Select(score => score < least ? float.NegativeInfinity : score)];
        }

        if (topP < 1)
        {
            var probabilities = Softmax(scores);
            var ascending = Enumerable.Range(0, scores.Length).OrderBy(id => scores[id]).ToArray();
            var sum = 0d;
            foreach (var (rank, id) in ascending.Index())
            {
                sum += probabilities[id];
                if (sum <= 1 - topP && rank < scores.Length - leastKept)
                {
                    scores[id] = float.NegativeInfinity;
                }
            }
        }

        if (minP > 0)
        {
            var probabilities = Softmax(scores);
            var best = probabilities.Max();
            var kept = Enumerable.Range(0, scores.Length).OrderByDescending(id => scores[id]).Take(leastKept).ToHashSet();
            scores = [.. scores.Select((score, id) => probabilities[id] < minP * best && !kept.Contains(id) ? float.NegativeInfinity : score)];
        }

        return scores;
    }

    private static double[] Softmax(float[] scores)
    {
        var max = scores.Max();
        var total = scores.Sum(score => Math.Exp(score - max));
        return [.. scores.Select(score => Math.Exp(score - max) / total)];
    }
}
