using Coffer.Text.Constraints;

namespace Coffer.Text;

/// <summary>
/// Generated text matches a regular expression, from its first character to its last. Characters, classes, Unicode categories, groups, choices and
/// repetitions up to 1,000 are there; <c>^</c> and <c>$</c> may stand at the ends. Looking ahead or back, back references, atomic groups and word boundaries are not.
/// <c>\d</c> and <c>\w</c> are those of ASCII, as in ECMA-262; <c>\s</c> is Unicode's white space, <c>.</c> anything but a line feed.
/// </summary>
public sealed class RegexConstraint : OutputConstraint
{
    /// <summary>Makes the constraint.</summary>
    /// <param name="pattern">The regular expression.</param>
    /// <exception cref="ConstraintException">The pattern can't be read, matches nothing, or is too large.</exception>
    public RegexConstraint(string pattern)
        : base(Build(pattern), maxDepth: 1) => Pattern = pattern;

    /// <summary>The regular expression.</summary>
    public string Pattern { get; }

    private static ByteNetwork Build(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        var network = new ByteNetwork();
        var rule = network.AddRule();
        var builder = new PatternNetwork(network, (from, first, last, to) => Utf8Ranges.Add(network, from, first, last, to));
        network.AddEmpty(builder.AddWhole(PatternNetwork.Parse(pattern), rule.Start), rule.End);
        network.Freeze(rule);
        return network;
    }
}
