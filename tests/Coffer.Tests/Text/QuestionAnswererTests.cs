using System.Text.Json;
using Coffer.Inference;
using Coffer.Tests.Vision;
using Coffer.Text;

namespace Coffer.Tests.Text;

public sealed class QuestionAnswererTests(ITestOutputHelper output)
{
    private static readonly TinyTextModel Model = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Against the whole matrix of beginnings and ends in double precision, as transformers goes through it.
    [Theory]
    [InlineData(1, 15, true, false, null, null)]
    [InlineData(3, 15, true, false, null, null)]
    [InlineData(3, 2, false, false, null, null)]
    [InlineData(5, 4, true, true, null, null)]
    [InlineData(4, 15, true, false, 12, 2)]
    [InlineData(2, 3, false, true, 10, 0)]
    public async Task Predict_RandomContexts_EqualsTheWholeMatrix(int topK, int longest, bool aligned, bool impossible, int? length, int? stride)
    {
        var seed = Environment.TickCount;
        output.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        string[] words = ["a", "quietly", "lovely", "film", "duller", "loudly", "noise", "and", "the", "story", "never", "ends", ",", "."];
        QuestionInput[] inputs = [.. Enumerable.Range(0, 20).Select(_ => new QuestionInput(
            string.Join(' ', random.GetItems(words, random.Next(1, 4))),
            string.Join(' ', random.GetItems(words, random.Next(1, 25)))))];
        var options = new QuestionAnswererOptions { TopK = topK, MaxAnswerLength = longest, AlignToWords = aligned, HandleImpossibleAnswer = impossible, MaxLength = length, Stride = stride is 0 ? null : stride };
        using var made = new Made();

        var results = await made.Answerer.PredictBatchAsync(inputs, options, Token);

        Assert.Equal([inputs.Length], made.Context.Charges);
        for (var i = 0; i < inputs.Length; i++)
        {
            var expected = Expected(inputs[i], options);
            Assert.Equal(expected.Select(answer => (answer.Text, answer.Span)), results[i].Value.Answers.Select(answer => (answer.Text, answer.Span)));
            Assert.All(expected.Zip(results[i].Value.Answers), pair => Assert.Equal(pair.First.Score, pair.Second.Score, 1e-5));
            Assert.All(results[i].Value.Answers, answer => Assert.Equal(answer.Text, inputs[i].Context[answer.Span.Start..answer.Span.End]));
            Assert.Equal(results[i].Value.Answers, made.Answerer.Predict(inputs[i], options, Token).Value.Answers);
        }
    }

    [Fact]
    public void Predict_RecordedCases_GivesWhatTransformersGives()
    {
        using var recorded = JsonDocument.Parse(File.ReadAllBytes(Repository.File("tests", "vectors", "text", "question-answering.json")));
        var begin = Numbers(recorded.RootElement.GetProperty("start"));
        var end = Numbers(recorded.RootElement.GetProperty("end"));
        using var made = new Made(FakeTextGraph.OfSpans((ids, i) => begin[ids[i]] + (i * 7 % 13 * 0.125f), (ids, i) => end[ids[i]] - (i * 7 % 13 * 0.0625f)));
        var compared = 0;
        foreach (var recording in recorded.RootElement.GetProperty("cases").EnumerateArray())
        {
            var options = new QuestionAnswererOptions
            {
                TopK = recording.GetProperty("topK").GetInt32(),
                MaxAnswerLength = recording.GetProperty("maxAnswerLength").GetInt32(),
                AlignToWords = recording.GetProperty("alignToWords").GetBoolean(),
                HandleImpossibleAnswer = recording.GetProperty("handleImpossibleAnswer").GetBoolean(),
            };

            var answers = made.Answerer.Predict(new(recording.GetProperty("question").GetString()!, recording.GetProperty("context").GetString()!), options, Token).Value.Answers;

            JsonElement[] expected = [.. recording.GetProperty("answers").EnumerateArray()];
            Assert.Equal(
                expected.Select(answer => (answer.GetProperty("text").GetString()!, answer.GetProperty("start").GetInt32(), answer.GetProperty("end").GetInt32())),
                answers.Select(answer => (answer.Text, answer.Span.Start, answer.Span.End)));
            Assert.All(expected.Zip(answers), pair => Assert.Equal(pair.First.GetProperty("score").GetDouble(), pair.Second.Score, 1e-5));
            compared++;
        }

        Assert.Equal(80, compared);
    }

    [Fact]
    public void Predict_AnswerWithinAWord_GetsTheWholeWord()
    {
        using var made = new Made(FakeTextGraph.OfSpans((ids, i) => ids[i] == TinyTextModel.Id("##ly") ? 9 : 0, (ids, i) => ids[i] == TinyTextModel.Id("##ly") ? 9 : 0));
        var input = new QuestionInput("the story", "A Quietly dull film");

        var aligned = made.Answerer.Predict(input, null, Token).Value.Top!;
        var cut = made.Answerer.Predict(input, new() { AlignToWords = false }, Token).Value.Top!;

        Assert.Equal(("Quietly", new TextSpan(2, 9)), (aligned.Text, aligned.Span));
        Assert.Equal(("ly", new TextSpan(7, 9)), (cut.Text, cut.Span));
    }

    [Fact]
    public void Predict_SameWordsFromSeveralPlaces_AreOneAnswerWithTheSumOfTheirScores()
    {
        using var made = new Made(FakeTextGraph.OfSpans((ids, i) => ids[i] == TinyTextModel.Id("film") ? 9 : 0, (ids, i) => ids[i] == TinyTextModel.Id("film") ? 9 : 0));

        var top = made.Answerer.Predict(new("story", "Film a film"), new() { MaxAnswerLength = 1 }, Token).Value.Top!;

        Assert.Equal(("Film", new TextSpan(0, 4)), (top.Text, top.Span));
        Assert.Equal(0.5, top.Score, 1e-3);
    }

    [Fact]
    public void Predict_ImpossibleAnswer_CompetesWhereAskedTo()
    {
        using var made = new Made(FakeTextGraph.OfSpans((_, i) => i == 0 ? 9 : 0, (_, i) => i == 0 ? 9 : 0));
        var input = new QuestionInput("story", "a film");

        var top = made.Answerer.Predict(input, new() { HandleImpossibleAnswer = true }, Token).Value.Top!;

        Assert.Equal(("", default), (top.Text, top.Span));
        Assert.InRange(top.Score, 0.99f, 1);
        Assert.NotEqual("", made.Answerer.Predict(input, null, Token).Value.Top!.Text);
    }

    [Fact]
    public void Predict_LongContext_IsReadInWindowsByDefault()
    {
        using var made = new Made(FakeTextGraph.OfSpans((ids, i) => ids[i] == TinyTextModel.Id("noise") ? 9 : 0, (ids, i) => ids[i] == TinyTextModel.Id("noise") ? 9 : 0));
        var context = string.Join(' ', Enumerable.Repeat("film", 40)) + " noise";

        var answers = made.Answerer.Predict(new("the story", context), new() { TopK = 3, MaxAnswerLength = 1 }, Token).Value.Answers;

        Assert.Equal(new TextSpan(context.Length - 5, context.Length), Assert.Single(answers, answer => answer.Text == "noise").Span);
        Assert.Equal([1], made.Context.Charges);
    }

    [Fact]
    public void Predict_BadInput_SaysWhatAndTheAnswererGoesOn()
    {
        using var made = new Made();
        var question = string.Join(' ', Enumerable.Repeat("film", 12));

        Assert.Contains("question", Empty(made, "", string.Join(' ', Enumerable.Repeat("film", 40))).Message, StringComparison.Ordinal);
        Assert.Contains("context", Empty(made, "film", " ").Message, StringComparison.Ordinal);
        Assert.Equal(InputError.TooLarge, Assert.Throws<InputException>(() => made.Answerer.Predict(new(question, "a film"), null, Token)).Error);
        Assert.Equal(InputError.Unsuitable, Assert.Throws<InputException>(() => made.Answerer.Predict(new("film", question), new() { Stride = 10 }, Token)).Error);
        Assert.Equal(InferenceError.RunFailed, Assert.Throws<InferenceException>(() => made.Answerer.Predict(new("film", TinyTextModel.Poison), null, Token)).Error);
        Assert.Throws<ArgumentOutOfRangeException>(() => made.Answerer.Predict(new("film", "a"), new() { TopK = 0 }, Token));
        Assert.Equal("a", made.Answerer.Predict(new("film", "a"), null, Token).Value.Top!.Text);
    }

    [Fact]
    public void Create_Classifier_SaysWhatItLacks() =>
        Assert.Contains("start_logits", Assert.Throws<InferenceException>(() => new Made(FakeTextGraph.OfClasses(3, _ => [0, 0, 0]))).Message, StringComparison.Ordinal);

    private static Dictionary<long, float> Numbers(JsonElement tokens) => tokens.EnumerateObject().ToDictionary(token => (long)TinyTextModel.Id(token.Name), token => token.Value.GetSingle());

    private static InputException Empty(Made made, string question, string context)
    {
        var refusal = Assert.Throws<InputException>(() => made.Answerer.Predict(new(question, context), null, Token));
        Assert.Equal(InputError.Empty, refusal.Error);
        return refusal;
    }

    private static float Begin(long[] ids, int i) => ids[i] == TinyTextModel.Id(TinyTextModel.Poison) ? float.NaN : 2 * MathF.Sin((ids[i] * 3) + (i * 1.7f));

    private static float End(long[] ids, int i) => 2 * MathF.Cos((ids[i] * 5) - (i * 1.3f));

    private static List<AnswerSpan> Expected(QuestionInput input, QuestionAnswererOptions options)
    {
        var tokenizer = TextModelSettings.Parse(Model.Files()).Tokenizer;
        var length = options.MaxLength ?? TinyTextModel.MaxLength;
        var room = length - 3 - tokenizer.CountTokens(input.Question, false);
        var stride = options.Stride ?? Math.Min(length / 2, room - 1);
        var whole = tokenizer.EncodePair(input.Question, input.Context, new() { MaxLength = length, Stride = stride, Truncation = TruncationStrategy.OnlySecond });
        var answers = new List<(string Text, double Score, TextSpan Span)>();
        var none = double.MaxValue;
        foreach (var window in whole.Overflowing.Prepend(whole))
        {
            long[] ids = Array.ConvertAll(window.Ids.ToArray(), id => (long)id);
            bool[] allowed = [.. window.SequenceIds.ToArray().Select((sequence, i) => sequence == 1 || ids[i] == TinyTextModel.Id("[CLS]"))];
            var begin = Softmax([.. ids.Select((_, i) => allowed[i] ? Begin(ids, i) : -10000.0)]);
            var end = Softmax([.. ids.Select((_, i) => allowed[i] ? End(ids, i) : -10000.0)]);
            none = Math.Min(none, begin[0] * end[0]);
            begin[0] = end[0] = 0;
            var pairs = from s in Enumerable.Range(0, ids.Length) from e in Enumerable.Range(0, ids.Length) where e >= s && e - s < options.MaxAnswerLength select (s, e, Score: begin[s] * end[e]);
            foreach (var (s, e, score) in pairs.OrderByDescending(pair => pair.Score).Take(options.AlignToWords ? (options.TopK * 2) + 10 : options.TopK).Where(pair => pair.Score > 0))
            {
                var same = options.AlignToWords
                    ? Enumerable.Range(0, ids.Length).Where(i => window.SequenceIds.Span[i] == 1 && (window.WordIds.Span[i] == window.WordIds.Span[s] || window.WordIds.Span[i] == window.WordIds.Span[e])).ToArray()
                    : [s, e];
                var span = new TextSpan(window.Offsets.Span[same.Min()].Start, window.Offsets.Span[same.Max()].End);
                var text = input.Context[span.Start..span.End];
                var known = answers.FindIndex(answer => string.Equals(answer.Text, text, StringComparison.OrdinalIgnoreCase));
                if (known < 0)
                {
                    answers.Add((text, score, span));
                }
                else
                {
                    answers[known] = answers[known] with { Score = answers[known].Score + score };
                }
            }
        }

        if (options.HandleImpossibleAnswer)
        {
            answers.Add(("", none, default));
        }

        return [.. answers.OrderByDescending(answer => answer.Score).Take(options.TopK).Select(answer => new AnswerSpan(answer.Text, (float)answer.Score, answer.Span))];
    }

    private static double[] Softmax(double[] logits)
    {
        var total = logits.Sum(Math.Exp);
        return Array.ConvertAll(logits, logit => Math.Exp(logit) / total);
    }

    private sealed class Made : IDisposable
    {
        private readonly FakeTextGraph _graph;

        public Made(FakeTextGraph? graph = null)
        {
            _graph = graph ?? FakeTextGraph.OfSpans(Begin, End);
            Answerer = new QuestionAnswerer(_graph.Runner, "model", TextModelSettings.Parse(Model.Files()), Context);
        }

        public FakePredictorContext Context { get; } = new();

        public QuestionAnswerer Answerer { get; }

        public void Dispose()
        {
            Answerer.Dispose();
            _graph.Dispose();
        }
    }
}
