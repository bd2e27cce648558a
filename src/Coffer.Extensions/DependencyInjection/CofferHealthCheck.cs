using System.Globalization;
using Coffer.Bundles;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Coffer.Extensions;

/// <summary>How an application's bundles stand: open or not, and how well their licenses.</summary>
internal sealed class CofferHealthCheck(IServiceProvider services, string[] bundles) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var worst = HealthStatus.Healthy;
        var (said, data, failure) = (new List<string>(), new Dictionary<string, object>(), (Exception?)null);
        foreach (var name in bundles.Length > 0 ? bundles : services.GetServices<BundleName>().Select(name => name.Value))
        {
            var bundle = services.GetRequiredKeyedService<CofferBundle>(name);
            var (status, text) = Judge(bundle, context.Registration.FailureStatus);
            worst = status < worst ? status : worst;
            failure ??= bundle.Failure;
            said.Add($"{name}: {text}");
            data[name] = text;
        }

        return Task.FromResult(new HealthCheckResult(worst, said.Count == 0 ? "No bundle was added." : string.Join("; ", said), failure, data));
    }

    private static (HealthStatus Status, string Text) Judge(CofferBundle bundle, HealthStatus failed)
    {
        if (bundle.Failure is { } failure)
        {
            return (failed, $"can't be opened, {failure.Message}");
        }

        if (bundle.Model?.Entitlement is not { } entitlement)
        {
            return (HealthStatus.Healthy, "not opened yet");
        }

        var left = entitlement.Expires - bundle.Clock.GetUtcNow();
        return left <= TimeSpan.Zero ? (failed, $"the license {entitlement.LicenseId} expired at {Date(entitlement.Expires)}")
            : entitlement.State is EntitlementState.Grace ? (HealthStatus.Degraded, $"the license {entitlement.LicenseId} is in its grace, and from {Date(entitlement.RefusedFrom)} calls are refused")
            : left <= bundle.Options.ExpiryWarning ? (HealthStatus.Degraded, $"the license {entitlement.LicenseId} expires at {Date(entitlement.Expires)}")
            : entitlement.State is EntitlementState.Advisory ? (HealthStatus.Healthy, $"open; no fresh status list of {entitlement.Issuer} is at hand")
            : (HealthStatus.Healthy, "open");
    }

    private static string Date(DateTimeOffset? time) => time?.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture) ?? "an unknown time";
}
