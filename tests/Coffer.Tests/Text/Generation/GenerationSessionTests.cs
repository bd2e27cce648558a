using Coffer.Inference;
using Coffer.Text;

namespace Coffer.Tests.Text;

public sealed class GenerationSessionTests
{
    private static readonly TextGeneratorOptions Options = new() { MaxNewTokens = 16 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Predict_NextTurn_RunsOnlyWhatIsNewAndGivesTheSame()
    {
        using var model = new TinyStories();
        using var session = model.Generator.StartSession();

        var first = session.Predict(TinyStories.Beginning, Options, Token).Value;
        var cached = session.CachedTokens;
        int[] conversation = [.. TinyStories.Reference().Prompt, .. first.Tokens.ToArray(), 147, 201];
        var next = session.Predict(TextPrompt.FromTokens(conversation), Options, Token).Value;

        Assert.Equal(0, first.Usage.Cached);
        Assert.Equal(6 + 16 - 1, cached);
        Assert.Equal(cached, next.Usage.Cached);
        Assert.Equal(model.Generator.Predict(TextPrompt.FromTokens(conversation), Options, Token).Value.Tokens.ToArray(), next.Tokens.ToArray());
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1)]
    [InlineData(0)]
    public void Predict_AnotherTurnThanBefore_GoesBackToWhereTheyPart(int common)
    {
        using var model = new TinyStories();
        using var session = model.Generator.StartSession();
        var before = session.Predict(TinyStories.Beginning, Options, Token).Value;
        int[] conversation = [.. ((int[])[.. TinyStories.Reference().Prompt, .. before.Tokens.ToArray()])[..common], 333, 334];

        var other = session.Predict(TextPrompt.FromTokens(conversation), Options, Token).Value;

        Assert.Equal(common, other.Usage.Cached);
        Assert.Equal(model.Generator.Predict(TextPrompt.FromTokens(conversation), Options, Token).Value.Tokens.ToArray(), other.Tokens.ToArray());
    }

    [Fact]
    public void Predict_TheSamePromptAgain_RunsOneToken()
    {
        using var model = new TinyStories();
        using var session = model.Generator.StartSession();

        var first = session.Predict(TinyStories.Beginning, Options, Token).Value;
        var again = session.Predict(TinyStories.Beginning, Options, Token).Value;

        Assert.Equal(5, again.Usage.Cached);
        Assert.Equal(first.Tokens.ToArray(), again.Tokens.ToArray());
    }

    [Fact]
    public async Task PredictStreamAsync_StoppedByTheReader_GoesOnFromWhatWasRun()
    {
        using var model = new TinyStories();
        using var session = model.Generator.StartSession();
        var ids = new List<int>(TinyStories.Reference().Prompt);
        await foreach (var token in session.PredictStreamAsync(TinyStories.Beginning, Options, Token))
        {
            ids.Add(token.Id);
            if (ids.Count == 12)
            {
                break;
            }
        }

        var next = session.Predict(TextPrompt.FromTokens(ids.ToArray()), Options, Token).Value;

        Assert.Equal(11, next.Usage.Cached);
        Assert.Equal(model.Generator.Predict(TextPrompt.FromTokens(ids.ToArray()), Options, Token).Value.Tokens.ToArray(), next.Tokens.ToArray());
        Assert.Equal([1, 1, 1], model.Context.Charges);
    }

    [Fact]
    public void Predict_AfterBeams_BeginsAnew()
    {
        using var model = new TinyStories();
        using var session = model.Generator.StartSession();

        var beams = session.Predict(TinyStories.Beginning, Options with { Beams = 3 }, Token).Value;
        var greedy = session.Predict(TinyStories.Beginning, Options, Token).Value;

        Assert.Equal(model.Generator.Predict(TinyStories.Beginning, Options with { Beams = 3 }, Token).Value.Tokens.ToArray(), beams.Tokens.ToArray());
        Assert.Equal(model.Generator.Predict(TinyStories.Beginning, Options, Token).Value.Tokens.ToArray(), greedy.Tokens.ToArray());
        Assert.Equal(0, greedy.Usage.Cached);
    }

    [Fact]
    public async Task Predict_WhileAnotherIsUnderWay_SaysSo()
    {
        using var model = new TinyStories();
        using var session = model.Generator.StartSession();
        await using var stream = session.PredictStreamAsync(TinyStories.Beginning, Options, Token).GetAsyncEnumerator(Token);
        await stream.MoveNextAsync();

        var refusal = Assert.Throws<InferenceException>(() => session.Predict(TinyStories.Beginning, Options, Token));

        Assert.Equal(InferenceError.InvalidCall, refusal.Error);
    }

    [Fact]
    public void Dispose_Session_EndsItAndLeavesTheGenerator()
    {
        using var model = new TinyStories();
        var session = model.Generator.StartSession();
        session.Predict(TinyStories.Beginning, Options, Token);

        session.Dispose();
        session.Dispose();

        Assert.Throws<ObjectDisposedException>(() => session.Predict(TinyStories.Beginning, Options, Token));
        Assert.Equal(16, model.Generator.Predict(TinyStories.Beginning, Options, Token).Value.Tokens.Length);
    }
}
