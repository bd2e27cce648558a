// Three small models of text, each packed, licensed, opened and asked: the mood of sentences, the answer that fits a question, and a chat that
// writes word by word. Everything lies in a temporary folder that is deleted at the end.
using System.Numerics.Tensors;
using Coffer;
using Coffer.Bundles;
using Coffer.Extensions;
using Coffer.Packaging;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

string[] questions = args.Length > 0 ? args : ["How can I make a bundle?", "Will it work offline?", "What does the vendor do?"];
var models = Path.Combine(AppContext.BaseDirectory, "models");
var folder = Directory.CreateTempSubdirectory("coffer-texttools-").FullName;
try
{
    var keys = KeyFolder.Create(Path.Combine(folder, "keys"), "acme");
    using var device = FileDeviceKey.Load(keys.DeviceKeyPath);

    Console.WriteLine("Mood");
    using (var model = await OpenAsync("sentiment", ModelTasks.TextClassification))
    using (var classifier = model.CreateTextClassifier())
    {
        foreach (var prediction in await classifier.PredictBatchAsync(["What a wonderful evening with friends.", "The room was cold and the soup was worse."], new() { TopK = 1 }))
        {
            var top = prediction.Value.Classes[0];
            Console.WriteLine($"  {top.Label} {top.Score:P0}, {prediction.Duration.TotalMilliseconds:F1} ms on {prediction.ExecutionProvider}");
        }
    }

    Console.WriteLine("Search");
    var answers = (await File.ReadAllTextAsync(Path.Combine(models, "help", "questions.txt"))).Trim().ReplaceLineEndings("\n").Split("\n\n").Select(block => block.Split('\n')[0]).ToArray();
    using (var model = await OpenAsync("help/embedder", ModelTasks.FeatureExtraction))
    using (var embedder = model.CreateTextEmbedder())
    using (var generator = embedder.AsEmbeddingGenerator())
    {
        var index = await generator.GenerateAsync(answers);
        foreach (var question in questions)
        {
            var vector = await generator.GenerateVectorAsync(question);
            var (answer, similarity) = answers.Zip(index, (text, entry) => (text, TensorPrimitives.CosineSimilarity<float>(entry.Vector.Span, vector.Span))).MaxBy(pair => pair.Item2);
            Console.WriteLine($"  {question}\n    {similarity:F2}  {answer}");
        }
    }

    // As an application with services does it: the bundle is named in the configuration and opened by the first question.
    Console.WriteLine("Chat");
    var (path, license) = await MakeAsync("help/generator", ModelTasks.TextGeneration);
    await File.WriteAllTextAsync(path + ".license", license);
    var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["help:Path"] = path,
        ["help:License"] = path + ".license",
        ["help:DeviceKey"] = keys.DeviceKeyPath,
        ["help:Trust"] = keys.TrustPath,
        ["help:Providers:0"] = "cpu",
    }).Build();
    var services = new ServiceCollection();
    services.AddCoffer().AddBundle("help", configuration.GetSection("help")).AddTextGenerator();
    await using (var provider = services.BuildServiceProvider())
    {
        var client = provider.GetRequiredKeyedService<IChatClient>("help");
        var messages = new List<ChatMessage>();
        foreach (var question in questions)
        {
            messages.Add(new ChatMessage(ChatRole.User, question));
            Console.Write($"  {question}\n   ");
            var updates = new List<ChatResponseUpdate>();
            await foreach (var update in client.GetStreamingResponseAsync(messages))
            {
                Console.Write(update.Text);
                updates.Add(update);
            }

            var response = updates.ToChatResponse();
            messages.AddRange(response.Messages);
            Console.WriteLine($"\n    ({response.Usage!.InputTokenCount} tokens in, {response.Usage.CachedInputTokenCount} of them from the cache, {response.Usage.OutputTokenCount} out)");
        }
    }

    return 0;

    async Task<ProtectedModel> OpenAsync(string name, string task)
    {
        var (path, license) = await MakeAsync(name, task);
        return await ProtectedModel.OpenAsync(path, new ModelOptions { Trust = TrustStore.FromDirectory(keys.TrustPath), License = License.Parse(license), Device = device });
    }

    // The publisher's part.
    async Task<(string Path, string License)> MakeAsync(string name, string task)
    {
        var id = name.Replace('/', '-');
        var path = Path.Combine(folder, id + ".coffer");
        var packed = await ModelPacker.PackAsync(Path.Combine(models, name), path, new PackOptions { Name = id, Version = SemanticVersion.Parse("1.0.0"), Task = task }, keys);
        return (path, Issue(packed.Manifest));
    }

    // The vendor's part: this device, 30 days, 100 calls.
    string Issue(BundleManifest manifest)
    {
        using var issuer = keys.OpenIssuerKey();
        var grants = keys.OpenGrants();
        var request = LicenseRequest.For(manifest, Recipient.Load(keys.DevicePath), "hospital-7") with
        {
            Expires = TimeProvider.System.GetUtcNow().AddDays(30),
            Calls = 100,
            KeyIds = [.. grants.Select(grant => grant.KeyId)],
        };
        return new LicenseIssuer(keys.Publisher, issuer).Issue(request, grants);
    }
}
catch (CofferException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
finally
{
    Directory.Delete(folder, recursive: true);
}
