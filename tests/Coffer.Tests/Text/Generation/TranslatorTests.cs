using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Coffer.Inference;
using Coffer.Text;

namespace Coffer.Tests.Text;

public sealed class TranslatorTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Predict_Marian_IsTheGraphsOwnAnswer()
    {
        using var model = new ExportedArchitecture("marian");
        using var translator = model.CreateTranslator();

        var prediction = translator.Predict("Hello, world", new() { MaxNewTokens = 9, NoRepeatNgramSize = 2 }, Token);

        Assert.Equal(model.Generate("Hello, world", new() { MaxNewTokens = 9, NoRepeatNgramSize = 2 }).Tokens.ToArray(), prediction.Value.Tokens.ToArray());
        Assert.Equal(1, prediction.Value.Tokens.Span[^1]);
        Assert.Equal(model.Tokenizer.Encode("Hello, world").Count, prediction.Value.Usage.Prompt);
    }

    // T5's config.json says what is written before the text, and how the task is searched.
    [Fact]
    public void Predict_T5_TakesPrefixAndSettingsOfTheTask()
    {
        using var model = new ExportedArchitecture("t5");
        using var translator = model.CreateTranslator();
        var text = "Hello";

        var german = translator.Predict(text, new() { TargetLanguage = "de", Sequences = 2 }, Token).Value;

        var expected = model.Generate($"translate English to German: {text}", new() { MaxNewTokens = 49, Beams = 2, EarlyStopping = EarlyStopping.WhenFull, Sequences = 2 });
        Assert.Equal(expected.Sequences.Select(sequence => sequence.Text), german.Sequences.Select(sequence => sequence.Text));
    }

    [Theory]
    [InlineData(null, "it is not clear which")]
    [InlineData("es", "none of these")]
    public void Predict_T5WithoutAPairThatItHas_SaysWhichItHas(string? target, string said)
    {
        using var model = new ExportedArchitecture("t5");
        using var translator = model.CreateTranslator();

        var refusal = Assert.Throws<InputException>(() => translator.Predict("Hello", new() { TargetLanguage = target }, Token));

        Assert.Equal(InputError.Unsuitable, refusal.Error);
        Assert.Contains(said, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("en to de, en to fr", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Predict_MultilingualMarian_PutsTheLanguageBeforeTheText()
    {
        using var model = new ExportedArchitecture("marian");
        using var translator = model.CreateTranslator();
        var options = new TranslatorOptions { MaxNewTokens = 9, NoRepeatNgramSize = 2 };

        var french = translator.Predict("Hello", options with { TargetLanguage = "fra" }, Token).Value.Tokens.ToArray();

        Assert.Equal(model.Generate(">>fra<< Hello", new() { MaxNewTokens = 9, NoRepeatNgramSize = 2 }).Tokens.ToArray(), french);
        Assert.Contains("'klingon'", Assert.Throws<InputException>(() => translator.Predict("Hello", options with { TargetLanguage = "klingon" }, Token)).Message, StringComparison.Ordinal);
    }

    // NLLB's tokenizer writes the language of the text before it, and the answer begins with its own.
    [Fact]
    public void Predict_TokensOfLanguages_AreExchangedAndForced()
    {
        using var model = new ExportedArchitecture("marian");
        var tokenizer = JsonNode.Parse(model.Files["tokenizer.json"].Span)!;
        Rename(tokenizer, ">>fra<<", "fra_Latn");
        Rename(tokenizer, ">>deu<<", "deu_Latn");
        var processor = tokenizer["post_processor"]!;
        processor["single"] = new JsonArray(
            new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = "fra_Latn", ["type_id"] = 0 } },
            new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "A", ["type_id"] = 0 } },
            new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = "</s>", ["type_id"] = 0 } });
        processor["special_tokens"]!["fra_Latn"] = new JsonObject { ["id"] = "fra_Latn", ["ids"] = new JsonArray(4), ["tokens"] = new JsonArray("fra_Latn") };
        model.Files["tokenizer.json"] = JsonSerializer.SerializeToUtf8Bytes(tokenizer);
        using var translator = model.CreateTranslator();

        var assumed = translator.Predict("Hi", new() { TargetLanguage = "deu_Latn", MaxNewTokens = 4 }, Token).Value.Tokens.ToArray();
        var given = translator.Predict("Hi", new() { SourceLanguage = "deu_Latn", TargetLanguage = "fra_Latn", MaxNewTokens = 4 }, Token).Value.Tokens.ToArray();

        Assert.Equal((5, 4), (assumed[0], given[0]));
        Assert.Equal(Greedy(model, [4, .. Bytes(model, "Hi"), 1], 5), assumed[1]);
        Assert.Equal(Greedy(model, [5, .. Bytes(model, "Hi"), 1], 4), given[1]);
    }

    [Fact]
    public void Predict_UnsuitableTexts_AreRefusedByKind()
    {
        using var model = new ExportedArchitecture("marian");
        using var translator = model.CreateTranslator();

        Assert.Equal(InputError.Empty, Assert.Throws<InputException>(() => translator.Predict(" ", null, Token)).Error);
        Assert.Equal(InputError.Unsuitable, Assert.Throws<InputException>(() => translator.Predict(new TextInput("a", "b"), null, Token)).Error);
        Assert.Equal(InputError.TooLarge, Assert.Throws<InputException>(() => translator.Predict(new string('x', 200), null, Token)).Error);
        Assert.Equal(3, translator.Predict(new string('x', 200), new() { Truncation = TruncationStrategy.LongestFirst, MaxNewTokens = 3 }, Token).Value.Tokens.Length);
    }

    [Fact]
    public async Task PredictStreamAsync_Marian_GivesTheTextsOfPredict()
    {
        using var model = new ExportedArchitecture("marian");
        using var translator = model.CreateTranslator();
        var options = new TranslatorOptions { MaxNewTokens = 12, NoRepeatNgramSize = 2 };
        var text = new StringBuilder();

        await foreach (var token in translator.PredictStreamAsync("A quiet day", options, Token))
        {
            text.Append(token.Text);
        }

        var batch = await translator.PredictBatchAsync(["A quiet day", "x"], options, Token);
        Assert.Equal(batch[0].Value.Text, text.ToString());
        Assert.Equal([1, 2], model.Context.Charges);
    }

    [Fact]
    public void Create_WithoutTheEncoder_SaysWhichGraphsItNeeds()
    {
        using var model = new ExportedArchitecture("marian", "encoder_model");

        var refusal = Assert.Throws<InferenceException>(model.CreateTranslator);

        Assert.Equal(InferenceError.InvalidSettings, refusal.Error);
        Assert.Contains("'encoder_model'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_WithoutATokenToBeginWith_NamesTheSetting()
    {
        using var model = new ExportedArchitecture("marian");
        model.Files["config.json"] = "{}"u8.ToArray();
        model.Files["generation_config.json"] = "{}"u8.ToArray();

        var refusal = Assert.Throws<InferenceException>(model.CreateTranslator);

        Assert.Equal(InferenceError.InvalidSettings, refusal.Error);
        Assert.Contains("decoder_start_token_id", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Predict_Summarizer_TakesPrefixAndSettingsOfTheTask()
    {
        using var model = new ExportedArchitecture("t5");
        using var summarizer = model.CreateSummarizer();

        var summary = summarizer.Predict("A long story", new() { Sequences = 3 }, Token).Value;

        var expected = model.Generate("summarize: A long story", new() { MaxNewTokens = 39, MinNewTokens = 4, Beams = 3, Sequences = 3, LengthPenalty = 2, NoRepeatNgramSize = 3, EarlyStopping = EarlyStopping.WhenFull });
        Assert.Equal(expected.Sequences.Select(sequence => sequence.Text), summary.Sequences.Select(sequence => sequence.Text));
    }

    private static void Rename(JsonNode tokenizer, string token, string name)
    {
        var vocabulary = tokenizer["model"]!["vocab"]!.AsObject();
        var id = vocabulary[token]!.GetValue<int>();
        vocabulary.Remove(token);
        vocabulary[name] = id;
        tokenizer["added_tokens"]!.AsArray().First(added => added!["id"]!.GetValue<int>() == id)!["content"] = name;
    }

    private static int[] Bytes(ExportedArchitecture model, string text) => model.Tokenizer.Encode(text, new() { AddSpecialTokens = false }).Ids.ToArray();

    // bad_words_ids forbids the padding token.
    private static int Greedy(ExportedArchitecture model, int[] source, int forced)
    {
        var logits = model.Logits(source, [0, forced]);
        return Enumerable.Range(1, logits.Length - 1).MaxBy(id => logits[id]);
    }
}
