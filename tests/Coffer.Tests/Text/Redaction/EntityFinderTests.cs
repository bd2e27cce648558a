using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Text;

namespace Coffer.Tests.Text;

public sealed class EntityFinderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RedactAsync_NamesThatAModelFinds_AreReplaced()
    {
        using var predictor = new Names(("PER", "Ada Lovelace"), ("LOC", "London"));
        var redactor = new TextRedactor(new() { Finders = [new EntityFinder(predictor)] });

        var redacted = await redactor.RedactAsync("Ada Lovelace of London: ada@example.com", Token);

        Assert.Equal("[NAMES_1] of London: [EMAIL_1]", redacted.Text);
        Assert.Equal("Dear Ada Lovelace", redacted.Restore("Dear [NAMES_1]"));
    }

    [Fact]
    public async Task FindAsync_OwnKinds_AreThoseOfTheLabels()
    {
        using var predictor = new Names(("PER", "Ada Lovelace"), ("LOC", "London"));
        var finder = new EntityFinder(predictor, new Dictionary<string, string> { ["loc"] = "places" });

        Assert.Equal(["places"], finder.Kinds);
        Assert.Equal([new RedactionSpan(16, 6, "places")], await finder.FindAsync("Ada Lovelace of London", Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n")]
    public async Task FindAsync_NothingToRead_AsksNobody(string text)
    {
        using var predictor = new Names();

        Assert.Empty(await new EntityFinder(predictor).FindAsync(text, Token));
        Assert.Equal(0, predictor.Calls);
    }

    [Fact]
    public void Constructor_NoKinds_Throws()
    {
        using var predictor = new Names();

        Assert.Throws<ArgumentException>(() => new EntityFinder(predictor, new Dictionary<string, string>()));
    }

    [Fact]
    public async Task RemoveAsync_PromptOfTokens_IsRefused()
    {
        var refused = await Assert.ThrowsAsync<InputException>(async () => await new TextRedactor().ForPrompts().RemoveAsync(TextPrompt.FromTokens(new[] { 1, 2 }), [], Token));

        Assert.Equal(InputError.Unsuitable, refused.Error);
    }

    [Fact]
    public async Task RemoveAsync_Prompt_RestoresEverySequence()
    {
        var safe = await new TextRedactor().ForPrompts().RemoveAsync(new TextPrompt("To ada@example.com", addSpecialTokens: false), [], Token);

        Assert.Equal("To [EMAIL_1]", safe.Input.Text);
        Assert.False(safe.Input.AddSpecialTokens);
        var answer = safe.Restore!(new GeneratedText([Sequence("a [EMAIL_1]"), Sequence("b [EMAIL_1]")], new TokenUsage(3, 2)));
        Assert.Equal(["a ada@example.com", "b ada@example.com"], answer.Sequences.Select(sequence => sequence.Text));

        static GeneratedSequence Sequence(string text) => new(text, default, FinishReason.EndOfSequence);
    }

    [Fact]
    public async Task RemoveAsync_PromptStream_RestoresWhatIsCutAndEndsOnce()
    {
        var safe = await new TextRedactor().ForPromptStreams().RemoveAsync("To ada@example.com", [], Token);
        var restored = new List<GeneratedToken>();

        await foreach (var token in safe.RestoreStream!(Pieces("Dear [EMA", "IL_1", "], hello [EM")))
        {
            restored.Add(token);
        }

        Assert.Equal("Dear ada@example.com, hello [EM", string.Concat(restored.Select(token => token.Text)));
        Assert.Single(restored, token => token.FinishReason is not null);
    }

    private static async IAsyncEnumerable<GeneratedToken> Pieces(params string[] pieces)
    {
        await Task.CompletedTask;
        for (var i = 0; i < pieces.Length; i++)
        {
            yield return new GeneratedToken(i, pieces[i]) { FinishReason = i == pieces.Length - 1 ? FinishReason.EndOfSequence : null };
        }
    }

    /// <summary>Finds given words.</summary>
    private sealed class Names(params (string Label, string Word)[] entities) : IPredictor<TextInput, TokenClassifierOptions, TokenClassification>
    {
        public int Calls { get; private set; }

        public Task<Prediction<TokenClassification>> PredictAsync(TextInput input, TokenClassifierOptions? options = null, CancellationToken cancellationToken = default)
        {
            Calls++;
            return Task.FromResult(new Prediction<TokenClassification>
            {
                Value = new TokenClassification([.. entities.Select(entity => new TextEntity(entity.Label, 1, Span(input.Text, entity.Word), entity.Word, null))]),
                Target = ExecutionTarget.Local,
                ExecutionProvider = "CPU",
                ModelDigest = "",
                Duration = TimeSpan.Zero,
            });
        }

        public Task<IReadOnlyList<Prediction<TokenClassification>>> PredictBatchAsync(IReadOnlyList<TextInput> inputs, TokenClassifierOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public void Dispose()
        {
        }

        private static TextSpan Span(string text, string word) => new(text.IndexOf(word, StringComparison.Ordinal), text.IndexOf(word, StringComparison.Ordinal) + word.Length);
    }
}
