using Coffer.Inference;

namespace Coffer.Text;

/// <summary>What a text is about, or how it is meant.</summary>
public sealed record TextClassification
{
    /// <summary>Creates a result.</summary>
    /// <param name="top">The best class.</param>
    /// <param name="classes">The classes that the options ask for, best first; may be empty.</param>
    public TextClassification(ClassScore top, IReadOnlyList<ClassScore> classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        Top = top;
        Classes = classes;
    }

    /// <summary>
    /// The best classes, best first: as many as <see cref="TextClassifierOptions.TopK"/>, or all if there are fewer, without those whose score
    /// is below <see cref="TextClassifierOptions.Threshold"/>. Of equal scores, the lower index first.
    /// </summary>
    public IReadOnlyList<ClassScore> Classes { get; }

    /// <summary>The best class, also where its score is below the threshold.</summary>
    public ClassScore Top { get; }

    /// <summary>For people: the best class and its score.</summary>
    public override string ToString() => $"{Top.Label} {Top.Score:0.###}";
}
