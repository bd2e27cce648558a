namespace Coffer.Text;

/// <summary>Makes what stands in the place of what was removed. It can't be undone where it isn't a placeholder.</summary>
/// <param name="kind">What was removed.</param>
/// <param name="value">The value itself.</param>
public delegate string RedactionReplacement(string kind, ReadOnlySpan<char> value);

/// <summary>What <see cref="TextRedactor"/> removes, and what it puts there. Immutable; change a copy with <c>with</c>.</summary>
public sealed record TextRedactorOptions
{
    /// <summary>The kinds to remove. Default null: every kind that is known to the redactor.</summary>
    public IReadOnlyList<string>? Kinds { get; init; }

    /// <summary>Kinds of the application's own. Default: none.</summary>
    public IReadOnlyList<RedactionPattern> Patterns { get; init; } = [];

    /// <summary>What finds kinds that no pattern can, such as names. Default: none.</summary>
    public IReadOnlyList<ITextSpanFinder> Finders { get; init; } = [];

    /// <summary>
    /// What stands in the place of a value. Default null: a placeholder such as <c>[EMAIL_1]</c>, the same for the same value, which is turned back in
    /// answers. A <c>Redactor</c> of Microsoft.Extensions.Compliance.Redaction fits: <c>(kind, value) => redactor.Redact(value)</c>.
    /// </summary>
    public RedactionReplacement? Replacement { get; init; }
}
