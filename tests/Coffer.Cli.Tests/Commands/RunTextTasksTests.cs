using System.Text.Json;
using Coffer.Tests.Text;

namespace Coffer.Cli.Tests.Commands;

/// <summary><c>coffer run</c> for each task over texts, from an exported folder to the answer.</summary>
public sealed class RunTextTasksTests(Vendor vendor) : IClassFixture<Vendor>
{
    private const string Sentence = "Maria Keller moved from Berlin to Lisbon in the spring.";

    private static string Sentiment => Repository.File("samples", "models", "sentiment");

    [Theory]
    [InlineData("I loved it", "positive")]
    [InlineData("The food was terrible and the waiter was rude.", "negative")]
    public async Task Run_SampleOfSentiment_SaysHowItIsMeant(string text, string label)
    {
        var classes = (await RunAsync(Sentiment, "text-classification", "sentiment", text, "--json")).Succeeds().Json.GetProperty("results")[0].GetProperty("classes");

        Assert.Equal(2, classes.GetArrayLength());
        Assert.Equal(label, classes[0].GetProperty("label").GetString());
    }

    [Fact]
    public async Task Run_FeatureExtraction_GivesVectorsAndHowNearTheyAre()
    {
        var json = (await RunAsync(Encoder("bert-feature-extraction"), "feature-extraction", "embed", Sentence, "quiet", "--json")).Succeeds().Json.GetProperty("results");
        var text = (await RunAsync(Encoder("bert-feature-extraction"), "feature-extraction", "embed", Sentence, "quiet", "--prompt", "query")).Succeeds().Out;

        Assert.All(json.EnumerateArray(), result => Assert.Equal(1, result.GetProperty("vector").EnumerateArray().Sum(number => number.GetDouble() * number.GetDouble()), 1e-5));
        Assert.Equal(32, json[0].GetProperty("vector").GetArrayLength());
        Assert.Contains("32 numbers:", text, StringComparison.Ordinal);
        Assert.Matches(@"-?0\.\d{3} to the first", text);
        Assert.Contains("'query'", (await RunAsync(Encoder("bert-feature-extraction"), "feature-extraction", "embed", "quiet", "--prompt", "passage")).FailsWith(ExitCodes.Usage).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_TokenClassification_GivesEntitiesWithTheirPlaces()
    {
        var run = await RunAsync(Encoder("distilbert-token-classification"), "token-classification", "names", Sentence, "--json");

        JsonElement[] entities = [.. run.Succeeds().Json.GetProperty("results")[0].GetProperty("entities").EnumerateArray()];
        Assert.NotEmpty(entities);
        Assert.All(entities, entity => Assert.Equal(
            entity.GetProperty("word").GetString()!.Replace(" ", "", StringComparison.Ordinal),
            Sentence[entity.GetProperty("start").GetInt32()..entity.GetProperty("end").GetInt32()].Replace(" ", "", StringComparison.Ordinal)));
        Assert.Contains("%", (await RunAsync(Encoder("distilbert-token-classification"), "token-classification", "names", Sentence, "--aggregation", "first")).Succeeds().Out, StringComparison.Ordinal);
        (await RunAsync(Encoder("distilbert-token-classification"), "token-classification", "names", Sentence, "--aggregation", "most")).FailsWith(ExitCodes.Usage);
    }

    [Fact]
    public async Task Run_QuestionAnswering_GivesThePartOfTheText()
    {
        var answers = (await RunAsync(Encoder("roberta-question-answering"), "question-answering", "answers", Sentence, "--query", "Who moved?", "--top-k", "3", "--json")).Succeeds().Json.GetProperty("results")[0].GetProperty("answers");

        Assert.Equal(3, answers.GetArrayLength());
        Assert.All(answers.EnumerateArray(), answer => Assert.Equal(answer.GetProperty("text").GetString(), Sentence[answer.GetProperty("start").GetInt32()..answer.GetProperty("end").GetInt32()]));
        Assert.Contains("--query", (await RunAsync(Encoder("roberta-question-answering"), "question-answering", "answers", Sentence)).FailsWith(ExitCodes.Usage).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ZeroShotClassification_ChoosesAmongTheLabels()
    {
        var classes = (await RunAsync(Encoder("bert-text-classification"), "zero-shot-classification", "choose", Sentence, "--label", "music", "--label", "sports", "--hypothesis", "This is about {}.", "--json")).Succeeds().Json.GetProperty("results")[0].GetProperty("classes");

        Assert.Equal(["music", "sports"], classes.EnumerateArray().Select(entry => entry.GetProperty("label").GetString()).Order());
        Assert.Equal(1, classes.EnumerateArray().Sum(entry => entry.GetProperty("score").GetDouble()), 1e-5);
        Assert.Contains("--label", (await RunAsync(Encoder("bert-text-classification"), "zero-shot-classification", "choose", Sentence)).FailsWith(ExitCodes.Usage).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_TextRanking_PutsTheDocumentsInOrder()
    {
        var folder = new TinyTextModel(classes: 1).Write(vendor.File("ranker"));
        string[] documents = ["film", "loud noise", "a dull story"];

        var ranked = (await RunAsync(folder, "text-ranking", "rank", [.. documents, "--query", "quiet", "--json"])).Succeeds().Json.GetProperty("results")[0].GetProperty("documents");
        var shown = (await RunAsync(folder, "text-ranking", "rank", [.. documents, "--query", "quiet", "--top-k", "1"])).Succeeds().Out;

        Assert.Equal(3, ranked.GetArrayLength());
        Assert.All(ranked.EnumerateArray(), document => Assert.Equal(documents[document.GetProperty("index").GetInt32()], document.GetProperty("text").GetString()));
        Assert.Equal(ranked.EnumerateArray().Select(document => document.GetProperty("score").GetDouble()).OrderDescending(), ranked.EnumerateArray().Select(document => document.GetProperty("score").GetDouble()));
        Assert.Contains(ranked[0].GetProperty("text").GetString()!, Assert.Single(shown.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.Contains("--query", (await RunAsync(folder, "text-ranking", "rank", documents)).FailsWith(ExitCodes.Usage).Error, StringComparison.Ordinal);
    }

    private static string Encoder(string name) => Repository.File("tests", "architectures", "encoders", name);

    private async Task<ToolRun> RunAsync(string folder, string task, string name, params string[] line)
    {
        var (bundle, license) = (vendor.File(name + ".coffer"), vendor.File(name + ".license"));
        if (!File.Exists(license))
        {
            await vendor.PackAsync(folder, task, name);
        }

        return await vendor.RunAsync(line, bundle: bundle, license: license);
    }
}
