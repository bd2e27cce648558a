using Coffer.Inference;

namespace Coffer.Vision;

/// <summary>What a picture shows.</summary>
public sealed record ImageClassification
{
    /// <summary>Creates a result.</summary>
    /// <param name="classes">The best classes, best first; at least one.</param>
    public ImageClassification(IReadOnlyList<ClassScore> classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentOutOfRangeException.ThrowIfZero(classes.Count, nameof(classes));
        Classes = classes;
    }

    /// <summary>The best classes, best first: as many as <see cref="ImageClassifierOptions.TopK"/>, or all if there are fewer. Of equal scores, the lower index first.</summary>
    public IReadOnlyList<ClassScore> Classes { get; }

    /// <summary>The best class.</summary>
    public ClassScore Top => Classes[0];

    /// <summary>For people: the best class and its score.</summary>
    public override string ToString() => $"{Top.Label} {Top.Score:0.###}";
}
