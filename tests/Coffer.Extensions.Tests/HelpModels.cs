using Coffer.Bundles;
using Coffer.Packaging;

namespace Coffer.Extensions.Tests;

/// <summary>The models of samples/models/help, packed once: a language model that chats, and an embedder.</summary>
public sealed class HelpModels : IAsyncLifetime
{
    private readonly TestVendor _vendor = new();

    public string Generator { get; private set; } = "";

    public string Embedder { get; private set; } = "";

    internal TestVendor Vendor => _vendor;

    public async ValueTask InitializeAsync()
    {
        Generator = await PackAsync("generator", ModelTasks.TextGeneration);
        Embedder = await PackAsync("embedder", ModelTasks.FeatureExtraction);
    }

    public ValueTask DisposeAsync()
    {
        _vendor.Dispose();
        return ValueTask.CompletedTask;
    }

    internal Task<ProtectedModel> OpenAsync(string bundle, Func<LicenseRequest, LicenseRequest>? edit = null) => _vendor.OpenAsync(bundle, edit);

    private Task<string> PackAsync(string name, string task) => _vendor.PackAsync(
        Repository.File("samples", "models", "help", name), new PackOptions { Name = $"help-{name}", Version = SemanticVersion.Parse("1.0.0"), Task = task });
}
