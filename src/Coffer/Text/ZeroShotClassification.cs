using Coffer.Inference;

namespace Coffer.Text;

/// <summary>How well each of the caller's labels fits a text.</summary>
public sealed record ZeroShotClassification
{
    /// <summary>Creates a result.</summary>
    /// <param name="labels">Best first; not empty.</param>
    public ZeroShotClassification(IReadOnlyList<ClassScore> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        Labels = labels;
    }

    /// <summary>All labels, best first, with their places in <see cref="ZeroShotClassifierOptions.Labels"/>. Of equal scores, the lower index first.</summary>
    public IReadOnlyList<ClassScore> Labels { get; }

    /// <summary>The best label.</summary>
    public ClassScore Top => Labels[0];

    /// <summary>For people: the best label and its score.</summary>
    public override string ToString() => $"{Top.Label} {Top.Score:0.###}";
}
