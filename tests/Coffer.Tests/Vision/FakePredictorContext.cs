using Coffer.Bundles;
using Coffer.Inference;

namespace Coffer.Tests.Vision;

/// <summary>Counts what predictors charge, and refuses when told.</summary>
internal sealed class FakePredictorContext(int maxConcurrency = 2, TimeProvider? time = null, bool refuses = false)
    : PredictorContext("0123abcd", maxConcurrency, new Fallback("CUDA", "no device"), time ?? TimeProvider.System)
{
    private int _open;

    public List<int> Charges { get; } = [];

    /// <summary>Units of calls that have not ended.</summary>
    public int OpenUnits => _open;

    protected override void Charge(int units)
    {
        if (refuses)
        {
            throw new LicenseException(LicenseError.Malformed, "Refused.");
        }

        lock (Charges)
        {
            Charges.Add(units);
        }

        Interlocked.Add(ref _open, units);
    }

    protected internal override void Release(int units) => Interlocked.Add(ref _open, -units);
}
