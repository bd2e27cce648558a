using Coffer.Onnx;
using Microsoft.Extensions.Options;

namespace Coffer.Extensions;

/// <summary>Says of a bundle's options, all at once, what is wrong and what to do.</summary>
/// <param name="bundle">The bundle's name.</param>
/// <param name="sources">What code gives instead of configuration.</param>
internal sealed class BundleOptionsValidator(string bundle, BundleSources sources) : IValidateOptions<BundleOptions>
{
    public ValidateOptionsResult Validate(string? name, BundleOptions options)
    {
        if (name != bundle)
        {
            return ValidateOptionsResult.Skip;
        }

        List<string> failures =
        [
            .. File(nameof(BundleOptions.Path), options.Path, "the bundle's file", null),
            .. sources.License is null ? File(nameof(BundleOptions.License), options.License, "the license's file", nameof(CofferBundleBuilder.UseLicense)) : [],
            .. sources.Device is null ? File(nameof(BundleOptions.DeviceKey), options.DeviceKey, "the file of this device's key", nameof(CofferBundleBuilder.UseDevice)) : [],
            .. sources.Trust is null ? Folder(options.Trust) : [],
            .. Providers(options),
            .. AtLeastOne(nameof(BundleOptions.IntraOpThreads), options.IntraOpThreads),
            .. AtLeastOne(nameof(BundleOptions.MaxConcurrency), options.MaxConcurrency),
            .. AtLeastOne(nameof(BundleOptions.MaxBatch), options.MaxBatch),
        ];
        if (options.ExpiryWarning < TimeSpan.Zero)
        {
            failures.Add(Failure($"{nameof(BundleOptions.ExpiryWarning)} is {options.ExpiryWarning}. Set it to zero or more."));
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private IEnumerable<string> File(string setting, string? path, string what, string? method)
    {
        if (string.IsNullOrEmpty(path))
        {
            yield return Failure($"{setting} is missing. Set it to {what}{(method is null ? "" : $", or call {method}")}.");
        }
        else if (!System.IO.File.Exists(path))
        {
            yield return Failure($"{setting} is '{path}', and there is no such file (from '{Environment.CurrentDirectory}'). Set it to {what}.");
        }
    }

    private IEnumerable<string> Folder(string? path)
    {
        if (string.IsNullOrEmpty(path))
        {
            yield return Failure($"{nameof(BundleOptions.Trust)} is missing. Set it to the folder of the trust store, or call {nameof(CofferBundleBuilder.UseTrust)}.");
        }
        else if (!Directory.Exists(path))
        {
            yield return Failure($"{nameof(BundleOptions.Trust)} is '{path}', and there is no such folder (from '{Environment.CurrentDirectory}'). Set it to the folder of the trust store.");
        }
    }

    private IEnumerable<string> Providers(BundleOptions options)
    {
        var isGpu = false;
        foreach (var text in options.Providers)
        {
            if (ExecutionProvider.TryParse(text, out var provider))
            {
                isGpu |= provider.IsGpu;
            }
            else
            {
                yield return Failure($"{nameof(BundleOptions.Providers)} has '{text}'. Choose of {string.Join(", ", ExecutionProvider.Words)}; the number of a device stands behind a colon, as in cuda:1.");
            }
        }

        if (options.RequireGpu && !isGpu)
        {
            yield return Failure($"{nameof(BundleOptions.RequireGpu)} is set, but {nameof(BundleOptions.Providers)} names no GPU provider. Add one, for example cuda.");
        }
    }

    private IEnumerable<string> AtLeastOne(string setting, int? value) => value is < 1 ? [Failure($"{setting} is {value}. Set it to 1 or more, or leave it out.")] : [];

    private string Failure(string what) => $"The bundle '{bundle}': {what}";
}
