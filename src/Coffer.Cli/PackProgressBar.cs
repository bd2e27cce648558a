using Coffer.Packaging;

namespace Coffer.Cli;

/// <summary>Shows the phases of packing. Not <see cref="Progress{T}"/>, which would report late and out of order.</summary>
internal sealed class PackProgressBar : IProgress<PackProgress>
{
    private readonly ProgressBar _bar;

    private PackProgressBar(ProgressBar bar) => _bar = bar;

    public static PackProgressBar? For(ProgressBar? bar) => bar is null ? null : new PackProgressBar(bar);

    public void Report(PackProgress value) => _bar.Report(
        value.Phase switch
        {
            PackPhase.Preparing => "Proving that outputs stay the same",
            PackPhase.Digesting => "Digesting the weights",
            _ => "Encrypting",
        },
        value.Done,
        value.Total);
}
