using System.Collections.Frozen;
using Coffer.Bundles;
using Microsoft.Extensions.Logging;

namespace Coffer.Server;

/// <summary>The models of a server, by name and version. Lookups take no lock; loading and unloading are done one after another.</summary>
internal sealed class ModelCatalog(ILogger logger) : IAsyncDisposable
{
    private readonly SemaphoreSlim _changing = new(1);
    private readonly List<CatalogEntry> _entries = [];
    private volatile FrozenDictionary<string, Candidate[]> _names = FrozenDictionary<string, Candidate[]>.Empty;
    private volatile bool _ready;

    /// <summary>One version of a name, newest first in its list.</summary>
    private sealed record Candidate(string Version, long Sequence, ModelState State, ServedGraph? Graph, string Reason);

    /// <summary>Whether there are models, and each answers.</summary>
    public bool IsReady => _ready;

    /// <summary>Every name with its versions and how they stand.</summary>
    public IEnumerable<(string Name, string Version, long Sequence, ModelState State, string Reason)> Index =>
        _names.OrderBy(name => name.Key, StringComparer.Ordinal).SelectMany(name => name.Value.Select(candidate => (name.Key, candidate.Version, candidate.Sequence, candidate.State, candidate.Reason)));

    /// <summary>The graph of that name.</summary>
    /// <param name="name">A model's name, or <c>model.graph</c>.</param>
    /// <param name="version">A semantic version; null or empty for the newest that is ready.</param>
    /// <exception cref="ServingException">There is none, or it is not ready.</exception>
    public ServedGraph Find(string name, string? version) =>
        Find(name, version, string.IsNullOrEmpty(version) ? _ => true : candidate => candidate.Version == version);

    /// <summary>The graph of that name by its bundle's sequence, where a protocol numbers versions.</summary>
    /// <exception cref="ServingException">There is none, or it is not ready.</exception>
    public ServedGraph FindNumbered(string name, string sequence) =>
        Find(name, sequence, candidate => sequence == candidate.Sequence.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>The versions of a name that are known.</summary>
    /// <exception cref="ServingException">There is none.</exception>
    public IReadOnlyList<(string Version, long Sequence, ModelState State, string Reason)> Versions(string name) =>
        [.. Named(name).Select(candidate => (candidate.Version, candidate.Sequence, candidate.State, candidate.Reason))];

    /// <summary>Makes a model known that is open.</summary>
    public async Task AddAsync(ServedModel model)
    {
        await _changing.WaitAsync().ConfigureAwait(false);
        try
        {
            _entries.Add(new CatalogEntry(source: null) { Name = model.Name, Version = SemanticVersion.Parse(model.Version), Sequence = model.Sequence, Model = model, State = ModelState.Ready });
            Publish();
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Makes bundles known and opens them one after another.</summary>
    public async Task LoadAsync(IReadOnlyList<BundleSource> sources, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var entries = sources.Select(Announce).ToList();
            _entries.AddRange(entries);
            Publish();
            foreach (var entry in entries)
            {
                await OpenAsync(entry, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Opens every version of a model anew from its file; the open one answers until the new one does.</summary>
    /// <exception cref="ServingException">There is none, or it has no file.</exception>
    public async Task ReloadAsync(string name, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var entry in EntriesOf(name))
            {
                if (entry.Source is null)
                {
                    throw ServingException.Invalid($"Model '{name}' was given to this server open; it can't be loaded again.");
                }

                await OpenAsync(entry, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Closes every version of a model once its calls have ended. It stays known, so that it can be loaded again.</summary>
    /// <exception cref="ServingException">There is none.</exception>
    public async Task UnloadAsync(string name, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var models = new List<ServedModel>();
            foreach (var entry in EntriesOf(name))
            {
                models.AddRange(entry.Model is { } model ? [model] : []);
                (entry.Model, entry.State, entry.Reason) = (null, ModelState.Unloaded, "unloaded");
            }

            Publish();
            await Task.WhenAll(models.Select(model => model.CloseAsync())).ConfigureAwait(false);
            logger.LogInformation("Unloaded {Model}", name);
        }
        finally
        {
            _changing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _changing.WaitAsync().ConfigureAwait(false);
        var models = _entries.Select(entry => entry.Model).OfType<ServedModel>().ToList();
        _entries.Clear();
        Publish();
        await Task.WhenAll(models.Select(model => model.CloseAsync())).ConfigureAwait(false);
        _changing.Release();
    }

    private static CatalogEntry Announce(BundleSource source)
    {
        using var bundle = SignedBundle.Open(source.Path, source.Options.Limits);
        return new CatalogEntry(source) { Name = ServedModel.ModelName(bundle.Manifest.Id), Version = bundle.Manifest.Version, Sequence = bundle.Manifest.Sequence };
    }

    private async Task OpenAsync(CatalogEntry entry, CancellationToken cancellationToken)
    {
        ServedModel model;
        try
        {
            var opened = await ProtectedModel.OpenAsync(entry.Source!.Path, entry.Source.Options, cancellationToken).ConfigureAwait(false);
            try
            {
                model = await Task.Run(() => ServedModel.Of(opened), cancellationToken).ConfigureAwait(false);
                (entry.Name, entry.Version, entry.Sequence) = (model.Name, opened.Manifest.Version, model.Sequence);
            }
            catch
            {
                opened.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            logger.LogError(e, "{Model} {Version} can't be loaded", entry.Name, entry.Version);
            if (entry.Model is null)
            {
                (entry.State, entry.Reason) = (ModelState.Failed, (e as CofferException)?.GetType().Name ?? "failed");
                Publish();
            }

            throw;
        }

        var old = entry.Model;
        (entry.Model, entry.State, entry.Reason) = (model, ModelState.Ready, "");
        Publish();
        if (old is not null)
        {
            await old.CloseAsync().ConfigureAwait(false);
        }
    }

    private void Publish()
    {
        var names = new Dictionary<string, List<Candidate>>(StringComparer.Ordinal);
        foreach (var entry in _entries.OrderByDescending(entry => entry.Version))
        {
            var graphs = entry.Model?.Graphs ?? [""];
            for (var i = 0; i < graphs.Count; i++)
            {
                var name = i == 0 ? entry.Name : $"{entry.Name}.{graphs[i]}";
                var served = entry.Model is null ? null : new ServedGraph(name, entry.Model, graphs[i]);
                names.TryAdd(name, []);
                names[name].Add(new Candidate(entry.Version.ToString(), entry.Sequence, entry.State, served, entry.Reason));
            }
        }

        _names = names.ToFrozenDictionary(name => name.Key, name => name.Value.ToArray(), StringComparer.Ordinal);
        _ready = _entries.Count > 0 && _entries.TrueForAll(entry => entry.State is ModelState.Ready or ModelState.Unloaded) && _entries.Exists(entry => entry.State == ModelState.Ready);
    }

    private ServedGraph Find(string name, string? version, Func<Candidate, bool> isWanted)
    {
        Candidate? found = null;
        foreach (var candidate in Named(name))
        {
            if (isWanted(candidate))
            {
                if (candidate.Graph is { } graph)
                {
                    return graph;
                }

                found ??= candidate;
            }
        }

        throw found is null
            ? ServingException.NotFound($"Model '{name}' has no version '{Quote(version)}'.")
            : ServingException.NotReady($"Model '{name}' {found.Version} is not ready: {found.State.ToString().ToLowerInvariant()}.");
    }

    private Candidate[] Named(string name) => _names.TryGetValue(name, out var candidates) ? candidates : throw Unknown(name);

    private List<CatalogEntry> EntriesOf(string name) => _entries.FindAll(entry => entry.Name == name) is { Count: > 0 } found ? found : throw Unknown(name);

    private static ServingException Unknown(string name) => ServingException.NotFound($"This server has no model '{Quote(name)}'.");

    private static string Quote(string? text) => text is { Length: > 128 } ? text[..128] : text ?? "";
}
