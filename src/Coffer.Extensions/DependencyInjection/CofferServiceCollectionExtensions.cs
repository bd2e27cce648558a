using Microsoft.Extensions.DependencyInjection;

namespace Coffer.Extensions;

/// <summary>Coffer in an application's services.</summary>
public static class CofferServiceCollectionExtensions
{
    /// <summary>
    /// Adds bundles and their predictors: <c>services.AddCoffer().AddBundle("help", configuration.GetSection("Coffer:help")).AddTextGenerator()</c>. May be
    /// called more than once.
    /// </summary>
    /// <param name="services">The application's services.</param>
    public static CofferBuilder AddCoffer(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        return new CofferBuilder(services);
    }
}
