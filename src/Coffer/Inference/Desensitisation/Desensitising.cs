using System.Collections.Frozen;
using System.Diagnostics;
using Coffer.Bundles;
using Microsoft.Extensions.Logging;

namespace Coffer.Inference;

/// <summary>What both desensitising predictors do before an input leaves: the license's floor, the removal, the audit.</summary>
/// <param name="desensitiser">Removes.</param>
/// <param name="model">Whose license is the floor; null for none.</param>
/// <param name="logger">Gets the audit events.</param>
internal sealed class Desensitising<TInput, TResult>(IDesensitiser<TInput, TResult> desensitiser, ProtectedModel? model, ILogger logger)
{
    /// <exception cref="LicenseException"><see cref="LicenseError.NotDesensitised"/>: the license wants removed what can't be removed here.</exception>
    public async ValueTask<Desensitised<TInput, TResult>> RemoveAsync(TInput input, CancellationToken cancellationToken)
    {
        var floor = model?.Entitlement.Remote?.Desensitise ?? [];
        var missing = floor.Where(kind => !desensitiser.Kinds.Contains(kind)).ToList();
        if (missing.Count > 0)
        {
            var refusal = new LicenseException(LicenseError.NotDesensitised, $"The license wants {string.Join(", ", missing)} removed from inputs before they leave, and what removes here knows only {string.Join(", ", desensitiser.Kinds.Order(StringComparer.Ordinal))}. Give it what finds the others.");
            CofferDiagnostics.CountRefusal(refusal);
            throw refusal;
        }

        return await desensitiser.RemoveAsync(input, floor, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Says that these kinds were removed, until the asynchronous method that calls this ends.</summary>
    public static void Declare(IReadOnlySet<string> removed) => RemovedKinds.Set(removed as FrozenSet<string> ?? removed.ToFrozenSet(StringComparer.Ordinal));

    /// <summary>How many of which kind, never what.</summary>
    public void Audit(IReadOnlyDictionary<string, int> counts)
    {
        var tags = new ActivityTagsCollection();
        foreach (var (kind, count) in counts)
        {
            CofferDiagnostics.Redactions.Add(count, new TagList { { "coffer.kind", kind } });
            tags.Add($"coffer.removed.{kind}", count);
        }

        Activity.Current?.AddEvent(new ActivityEvent("coffer.desensitised", tags: tags));
        logger.LogInformation("Removed before an input left: {Counts}", counts.Count == 0 ? "nothing" : string.Join(", ", counts.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => $"{count.Key} {count.Value}")));
    }
}
