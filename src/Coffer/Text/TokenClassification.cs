namespace Coffer.Text;

/// <summary>The entities of a text.</summary>
public sealed record TokenClassification
{
    /// <summary>Creates a result.</summary>
    /// <param name="entities">In the order of the text; may be empty.</param>
    public TokenClassification(IReadOnlyList<TextEntity> entities)
    {
        ArgumentNullException.ThrowIfNull(entities);
        Entities = entities;
    }

    /// <summary>The entities, in the order of the text.</summary>
    public IReadOnlyList<TextEntity> Entities { get; }

    /// <summary>How many there are, not what they say.</summary>
    public override string ToString() => $"{Entities.Count} entities";
}
