using System.Diagnostics.CodeAnalysis;

namespace Coffer.Bundles;

/// <summary>
/// A range of versions in interval notation: <c>*</c>, <c>[1.2.0]</c>, <c>[1.0.0,2.0.0)</c>, <c>[1.0.0,)</c>, <c>(,2.0.0]</c>.
/// A square bracket includes its end, a round one excludes it. Excluding a release as the upper end also excludes its
/// pre-releases: <c>2.0.0-beta.1</c> is not in <c>[1.0.0,2.0.0)</c>.
/// </summary>
public sealed class VersionRange : IEquatable<VersionRange>
{
    private readonly SemanticVersion? _lower;
    private readonly SemanticVersion? _upper;
    private readonly bool _includesLower;
    private readonly bool _includesUpper;

    private VersionRange(SemanticVersion? lower, bool includesLower, SemanticVersion? upper, bool includesUpper)
    {
        _lower = lower;
        _includesLower = includesLower;
        _upper = upper;
        _includesUpper = includesUpper;
    }

    /// <summary>Every version: <c>*</c>.</summary>
    public static VersionRange Any { get; } = new(null, false, null, false);

    /// <summary>One version: <c>[1.2.0]</c>.</summary>
    public static VersionRange Exactly(SemanticVersion version)
    {
        ArgumentNullException.ThrowIfNull(version);
        return new VersionRange(version, true, version, true);
    }

    /// <summary>A version and its compatible successors, before the next major one: of 1.2.0, <c>[1.2.0,2.0.0)</c>.</summary>
    public static VersionRange CompatibleWith(SemanticVersion version)
    {
        ArgumentNullException.ThrowIfNull(version);
        return new VersionRange(version, true, SemanticVersion.Parse($"{version.Major + 1}.0.0"), false);
    }

    /// <summary>Reads a range.</summary>
    /// <exception cref="FormatException">The text is not a range, or an empty one.</exception>
    public static VersionRange Parse(string text) =>
        TryParse(text, out var range) ? range : throw new FormatException($"'{text}' is not a range of versions; write *, [1.2.0], [1.0.0,2.0.0) or [1.0.0,).");

    /// <summary>Reads a range, or says no.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out VersionRange? range)
    {
        range = text == "*" ? Any : null;
        if (range is not null || text is null or { Length: < 3 or > 140 } || text[0] is not ('[' or '(') || text[^1] is not (']' or ')'))
        {
            return range is not null;
        }

        var ends = text[1..^1].Split(',');
        var (includesLower, includesUpper) = (text[0] == '[', text[^1] == ']');
        if (ends.Length == 1)
        {
            range = includesLower && includesUpper && SemanticVersion.TryParse(ends[0], out var only) ? Exactly(only) : null;
        }
        else if (ends.Length == 2 && TryEnd(ends[0], includesLower, out var lower) && TryEnd(ends[1], includesUpper, out var upper) && !IsEmpty(lower, upper, includesLower && includesUpper))
        {
            range = lower is null && upper is null ? Any : new VersionRange(lower, includesLower, upper, includesUpper);
        }

        return range is not null;
    }

    /// <summary>Whether the version is in the range.</summary>
    public bool Contains(SemanticVersion version)
    {
        ArgumentNullException.ThrowIfNull(version);
        return IsAboveLower(version) && IsBelowUpper(version);
    }

    /// <summary>Whether every version of another range is in this one.</summary>
    public bool Contains(VersionRange other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return AllowsLowerEnd(other) && AllowsUpperEnd(other);
    }

    /// <inheritdoc/>
    public bool Equals(VersionRange? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as VersionRange);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(ToString());

    /// <summary>The range as <see cref="Parse"/> reads it.</summary>
    public override string ToString() => (_lower, _upper) switch
    {
        (null, null) => "*",
        _ when _lower == _upper => $"[{_lower}]",
        _ => $"{(_includesLower ? '[' : '(')}{_lower},{_upper}{(_includesUpper ? ']' : ')')}",
    };

    private static bool TryEnd(string text, bool included, out SemanticVersion? end)
    {
        end = null;
        return text.Length == 0 ? !included : SemanticVersion.TryParse(text, out end);
    }

    private static bool IsEmpty(SemanticVersion? lower, SemanticVersion? upper, bool includesBoth) =>
        lower is not null && upper is not null && (lower > upper || (lower == upper && !includesBoth));

    private bool AllowsLowerEnd(VersionRange other) =>
        _lower is null || (other._lower is not null && (other._lower > _lower || (other._lower == _lower && (_includesLower || !other._includesLower))));

    // An excluded release also excludes its pre-releases, so that the same end included, or a pre-release of it, lies outside.
    private bool AllowsUpperEnd(VersionRange other)
    {
        if (_upper is null)
        {
            return true;
        }

        if (other._upper is null)
        {
            return false;
        }

        return other._upper == _upper ? _includesUpper || !other._includesUpper : IsBelowUpper(other._upper);
    }

    private bool IsAboveLower(SemanticVersion version) => _lower is null || version > _lower || (_includesLower && version == _lower);

    private bool IsBelowUpper(SemanticVersion version)
    {
        if (_upper is null || (_includesUpper && version == _upper))
        {
            return true;
        }

        var sameRelease = (version.Major, version.Minor, version.Patch) == (_upper.Major, _upper.Minor, _upper.Patch);
        return version < _upper && (_includesUpper || !sameRelease || IsPreRelease(_upper));
    }

    private static bool IsPreRelease(SemanticVersion version) => version.ToString().Contains('-', StringComparison.Ordinal);
}
