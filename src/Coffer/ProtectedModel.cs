using System.Diagnostics;
using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Onnx;
using Microsoft.Extensions.Logging;

namespace Coffer;

/// <summary>
/// A model that was opened under a license: the main path of Coffer, from a file to typed predictors. Thread-safe. Dispose it
/// after its predictors; calls in flight finish.
/// </summary>
public sealed partial class ProtectedModel : IDisposable
{
    private readonly CurrentEntitlement _entitlement;
    private readonly DecryptedModel _model;
    private readonly IModelRunner _runner;
    private readonly SemaphoreSlim _slots;

    // Calls that wait for a network hold none of this device's slots: those are for whom the network fails.
    private readonly SemaphoreSlim _remoteSlots = new(int.MaxValue);
    private readonly ModelOptions _options;

    private ProtectedModel(VerifiedBundle bundle, Entitlement entitlement, DecryptedModel model, IModelRunner runner, ModelOptions options)
    {
        Manifest = bundle.Manifest;
        ManifestDigest = bundle.ManifestDigest;
        _entitlement = new CurrentEntitlement(entitlement);
        _model = model;
        _runner = runner;
        _slots = new SemaphoreSlim(Math.Max(options.Execution.MaxConcurrency, 2 * (options.Batching?.MaxBatch ?? 0)));
        _options = options;
    }

    /// <summary>What the publisher signed.</summary>
    public BundleManifest Manifest { get; }

    /// <summary>SHA-256 of header and manifest, lowercase hex: which model this is.</summary>
    public string ManifestDigest { get; }

    /// <summary>What the license allows. It belongs to the model.</summary>
    public Entitlement Entitlement => _entitlement.Value;

    /// <summary>Opens a bundle on the thread pool.</summary>
    /// <param name="path">The bundle's file.</param>
    /// <param name="options">Trust, license, device, and how to run.</param>
    /// <param name="cancellationToken">Stops the opening; everything that was decrypted is zeroed.</param>
    /// <exception cref="BundleException">The bundle is rejected.</exception>
    /// <exception cref="LicenseException">The license is refused.</exception>
    /// <exception cref="KeyException">The device's key can't be used.</exception>
    /// <exception cref="InferenceException">The model can't run here; <see cref="InferenceError.RuntimeMissing"/> names the package that is missing.</exception>
    public static Task<ProtectedModel> OpenAsync(string path, ModelOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(options);
        return Task.Run(() => OpenTimedAsync(path, options, cancellationToken), cancellationToken);
    }

    /// <summary>
    /// Puts a renewal in the place of the license in use, without opening the model again: the next call is charged to it. When
    /// it is refused, the license in use stays in force.
    /// </summary>
    /// <param name="license">A license of the same grant with a higher <c>seq</c>.</param>
    /// <exception cref="LicenseException">It is refused; <see cref="LicenseError.NotARenewal"/> if it is of another grant or not newer.</exception>
    public void UpdateLicense(License license)
    {
        ArgumentNullException.ThrowIfNull(license);
        _entitlement.Renew(current =>
        {
            var claims = license.Claims;
            return (claims.Issuer, claims.LicenseId) == (current.Issuer, current.LicenseId) && claims.Sequence > current.Sequence
                ? Authorize(_model.Bundle, license.Verify(_options.Trust), _options)
                : throw new LicenseException(LicenseError.NotARenewal, $"The license in use is number {current.Sequence} of the grant '{current.LicenseId}', and the one given is number {claims.Sequence} of '{claims.LicenseId}'. Give a renewal, or open the model again with the other license.");
        });
        _options.Logger.LogInformation("{Model} {Version} goes on under number {Sequence} of license {License}", Manifest.Id, Manifest.Version, Entitlement.Sequence, Entitlement.LicenseId);
    }

    /// <summary>
    /// Fetches the status lists that the license names into <see cref="ModelOptions.StatusLists"/>; calls notice what changed. Call
    /// it now and then while there is a network: the license says how long it may be used without.
    /// </summary>
    /// <param name="client">Fetches; its timeout and its handler are the application's choice.</param>
    /// <param name="cancellationToken">Stops the fetching.</param>
    /// <exception cref="InvalidOperationException">The model was opened without <see cref="ModelOptions.StatusLists"/>.</exception>
    /// <exception cref="HttpRequestException">A list could not be fetched; the one at hand stays in force.</exception>
    /// <exception cref="LicenseException"><see cref="LicenseError.StatusInvalid"/>: what was fetched is not the issuer's list.</exception>
    public Task RefreshStatusAsync(HttpClient client, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        var lists = _options.StatusLists ?? throw new InvalidOperationException($"The model was opened without {nameof(ModelOptions)}.{nameof(ModelOptions.StatusLists)}, where its license's status would be kept. Set it.");
        return lists.RefreshAsync(Entitlement.License, client, cancellationToken);
    }

    /// <summary>
    /// Closes the model; from any thread, and more than once. Calls whose runs are prepared or under way finish and give their results. Every
    /// other call of its predictors, begun or new, throws <see cref="ObjectDisposedException"/>. Memory, weights included, is freed with the
    /// last call in flight; unused quota goes back.
    /// </summary>
    public void Dispose()
    {
        _runner.Dispose();
        _entitlement.Dispose();
        _model.Dispose();
    }

    /// <summary>The model's id and version.</summary>
    public override string ToString() => $"ProtectedModel {Manifest.Id} {Manifest.Version}";

    private static async Task<ProtectedModel> OpenTimedAsync(string path, ModelOptions options, CancellationToken cancellationToken)
    {
        using var activity = CofferDiagnostics.Source.StartActivity("coffer.open");
        var started = Stopwatch.GetTimestamp();
        try
        {
            var opened = await OpenVerifiedAsync(path, options, cancellationToken).ConfigureAwait(false);
            var elapsed = Stopwatch.GetElapsedTime(started);
            activity?.SetTag("coffer.model.id", opened.Manifest.Id)?.SetTag("coffer.model.version", opened.Manifest.Version.ToString());
            CofferDiagnostics.OpenDuration.Record(elapsed.TotalSeconds, new TagList { { "coffer.model.id", opened.Manifest.Id } });
            options.Logger.LogInformation("Opened {Model} {Version} for {Licensee} in {Milliseconds:F1} ms", opened.Manifest.Id, opened.Manifest.Version, opened.Entitlement.Licensee, elapsed.TotalMilliseconds);
            return opened;
        }
        catch (CofferException e)
        {
            CofferDiagnostics.CountRefusal(e);
            activity?.SetStatus(ActivityStatusCode.Error, e.GetType().Name);
            throw;
        }
    }

    // Each step takes what only the step before it can make: there is no way around one. What needs no other step runs beside them.
    private static async Task<ProtectedModel> OpenVerifiedAsync(string path, ModelOptions options, CancellationToken cancellationToken)
    {
        using var owned = new Ownership();
        options.Progress?.Report(new OpenProgress(OpenPhase.Verifying));
        using var signed = SignedBundle.Open(path, options.Limits);
        _ = Task.Run(() => OrtEnvironment.Prepare(options.Logger), CancellationToken.None);
        var verifyingLicense = Task.Run(() => options.License.Verify(options.Trust), CancellationToken.None);
        signed.Prefetch();
        var bundle = owned.Add(signed.Verify(options.Trust, new VerificationOptions { Clock = options.Clock }));
        var license = await verifyingLicense.ConfigureAwait(false);
        options.Progress?.Report(new OpenProgress(OpenPhase.Authorizing));
        var entitlement = owned.Add(Authorize(bundle, license, options));
        var keys = owned.Add(entitlement.UnwrapKeys(options.Device));
        var model = DecryptedModel.Open(bundle, keys, cancellationToken);
        var runner = owned.Add(new OnnxModelRunner(model.GraphSources(), options.Execution, options.Logger, options.Sessions));
        cancellationToken.ThrowIfCancellationRequested();
        if (entitlement.Targets.Contains(ExecutionTarget.Local))
        {
            // Loads the main graph now, so that a model that can't run here says so at once.
            runner.Load(model.Settings.MainGraph, new GraphLoad(options.Progress, cancellationToken));
        }

        IModelRunner collecting = options.Batching is { } batching ? new BatchingRunner(runner, batching) : runner;
        owned.Release();
        return new ProtectedModel(bundle, entitlement, model, collecting, options);
    }

    private static Entitlement Authorize(VerifiedBundle bundle, VerifiedLicense license, ModelOptions options)
    {
        var entitlement = license.Authorize(bundle, options.Device, new AuthorizationOptions
        {
            Clock = options.Clock,
            Audience = options.Audience,
            StatusLists = options.StatusLists,
            AllowOlderBundle = options.AllowOlderBundle,
        });
        try
        {
            RequireLicensed(entitlement, options.Execution);
            CofferDiagnostics.ReportState(options.Logger, entitlement);
            entitlement.StateChanged += (_, _) => CofferDiagnostics.ReportState(options.Logger, entitlement);
            return entitlement;
        }
        catch
        {
            entitlement.Dispose();
            throw;
        }
    }

    // The license speaks of providers by their names; the processor stands behind every list that does not require a GPU.
    private static void RequireLicensed(Entitlement entitlement, ExecutionOptions execution)
    {
        foreach (var provider in execution.Providers)
        {
            entitlement.RequireProvider(provider.Name);
        }

        if (!execution.RequireGpu)
        {
            entitlement.RequireProvider(ExecutionProvider.Cpu.Name);
        }
    }

    /// <summary>What has been opened so far, to be closed in reverse if opening fails.</summary>
    private sealed class Ownership : IDisposable
    {
        private readonly Stack<IDisposable> _opened = new();

        public T Add<T>(T opened)
            where T : IDisposable
        {
            _opened.Push(opened);
            return opened;
        }

        public void Release() => _opened.Clear();

        public void Dispose()
        {
            while (_opened.TryPop(out var opened))
            {
                opened.Dispose();
            }
        }
    }
}
