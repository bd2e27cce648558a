using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Coffer.Extensions;

/// <summary>Coffer among an application's health checks.</summary>
public static class CofferHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds a check of bundles. Healthy: open, or not asked for yet. Degraded: the license expires within <see cref="BundleOptions.ExpiryWarning"/>, or is in its grace. Failed:
    /// the bundle can't be opened, or its license is expired.
    /// </summary>
    /// <param name="builder">The application's health checks.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="failureStatus">What a failure counts as. Default null: unhealthy.</param>
    /// <param name="tags">Of the check.</param>
    /// <param name="bundles">The names of the bundles to check; none for all.</param>
    public static IHealthChecksBuilder AddCoffer(
        this IHealthChecksBuilder builder, string name = "coffer", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null, params string[] bundles)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(bundles);
        return builder.Add(new HealthCheckRegistration(name, services => new CofferHealthCheck(services, [.. bundles]), failureStatus, tags));
    }
}
