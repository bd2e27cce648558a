using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>Each rule on scores that can be worked out by hand, by transformers' formulas.</summary>
public sealed class LogitsProcessorTests
{
    private const float No = float.NegativeInfinity;

    [Fact]
    public void RepetitionPenalty_TokensOfPromptAndText_AreDividedOrMultipliedOnce() =>
        Assert.Equal([1, -4, 3, 2], After(new RepetitionPenalty(2), [0, 1, 1, 0], 2, [2, -2, 3, 2]));

    [Fact]
    public void RepetitionPenalty_CalledAgain_KeepsNothing()
    {
        var processor = new RepetitionPenalty(2).Begin(Context(3));

        Assert.Equal([1, 2, 2], Process(processor, [0], 0, [2, 2, 2]));
        Assert.Equal([2, 1, 2], Process(processor, [1], 0, [2, 2, 2]));
    }

    [Fact]
    public void OccurrencePenalty_TokensOfTheText_LoseByCountAndPresence() =>
        Assert.Equal([5, 5 - (2 * 0.5f) - 0.25f, 5 - 0.5f - 0.25f], After(new OccurrencePenalty(0.5f, 0.25f), [0, 0, 1, 2, 1], 2, [5, 5, 5]));

    [Theory]
    [InlineData(2, new[] { 1, 2, 3, 1 }, new[] { 2 })]
    [InlineData(2, new[] { 1, 1 }, new[] { 1 })]
    [InlineData(3, new[] { 1, 2, 3, 0, 1, 2 }, new[] { 3 })]
    [InlineData(1, new[] { 1, 3 }, new[] { 1, 3 })]
    [InlineData(4, new[] { 1, 2 }, new int[0])]
    public void NoRepeatNgram_WhatFollowedBefore_IsForbidden(int size, int[] ids, int[] forbidden) =>
        Assert.Equal(forbidden, Forbidden(After(new NoRepeatNgram(size), ids, 0, new float[4])));

    [Fact]
    public void ForbiddenSequences_LastTokenWhereTheOthersStand_IsForbidden()
    {
        var processor = new ForbiddenSequences([[3], [1, 2], [5, 6, 0], [4, 99]]);

        Assert.Equal([2, 3], Forbidden(After(processor, [0, 1], 0, new float[4])));
        Assert.Equal([0, 3], Forbidden(After(processor, [5, 6], 0, new float[4])));
        Assert.Equal([3], Forbidden(After(processor, [4], 0, new float[4])));
    }

    [Theory]
    [InlineData(3, 1, true)]
    [InlineData(4, 1, false)]
    [InlineData(4, 3, true)]
    public void MinLength_TooShort_ForbidsTheEnd(int length, int promptLength, bool forbids) =>
        Assert.Equal(forbids ? [0, 2] : [], Forbidden(After(new MinLength(4, 2, [0, 2]), new int[length], promptLength, new float[4])));

    [Fact]
    public void ForcedToken_AtItsLength_IsTheOnlyOne()
    {
        Assert.Equal([No, 0, No], After(new ForcedToken(2, [1]), [0, 0], 0, [5, -5, 5]));
        Assert.Equal([5, -5, 5], After(new ForcedToken(2, [1]), [0], 0, [5, -5, 5]));
    }

    [Fact]
    public void SuppressedTokens_AtTheirLengthOrAlways_AreForbidden()
    {
        Assert.Equal([1], Forbidden(After(new SuppressedTokens([1, 77]), [0, 0, 0], 1, new float[3])));
        Assert.Equal([1], Forbidden(After(new SuppressedTokens([1], 3), [0, 0, 0], 1, new float[3])));
        Assert.Equal([], Forbidden(After(new SuppressedTokens([1], 2), [0, 0, 0], 1, new float[3])));
    }

    private static float[] After(LogitsProcessor processor, int[] ids, int promptLength, float[] logits) => Process(processor.Begin(Context(logits.Length)), ids, promptLength, logits);

    private static float[] Process(LogitsProcessor processor, int[] ids, int promptLength, float[] logits)
    {
        processor.Process(ids, promptLength, logits);
        return logits;
    }

    private static int[] Forbidden(float[] logits) => [.. Enumerable.Range(0, logits.Length).Where(id => float.IsNegativeInfinity(logits[id]))];

    private static LogitsProcessorContext Context(int vocabulary) => new(null!, [], vocabulary);
}
