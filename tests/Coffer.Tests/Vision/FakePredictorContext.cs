using Coffer.Bundles;
using Coffer.Inference;

namespace Coffer.Tests.Vision;

/// <summary>Counts what predictors charge, and refuses when told.</summary>
internal sealed class FakePredictorContext(int maxConcurrency = 2, TimeProvider? time = null, bool refuses = false)
    : PredictorContext("image-classification", "0123abcd", new SemaphoreSlim(maxConcurrency), time ?? TimeProvider.System)
{
    public List<int> Charges { get; } = [];

    protected override EntitledCall Charge(ExecutionTarget target, int units)
    {
        if (refuses)
        {
            throw new LicenseException(LicenseError.QuotaExceeded, "Refused.");
        }

        lock (Charges)
        {
            Charges.Add(units);
        }

        return default;
    }
}
