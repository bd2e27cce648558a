namespace Coffer.Text;

/// <summary>A character class of a pattern, over whole code points: those beyond U+FFFF count like any other.</summary>
internal sealed class CodePointSet
{
    private static readonly string[] CategoryNames =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn",
    ];

    private readonly List<(int First, int Last)> _ranges = [];
    private readonly List<Func<int, bool>> _rules = [];
    private readonly bool[] _latin = new bool[256];
    private uint _categories;
    private bool _isNegated;

    public static CodePointSet Of(int codePoint, bool ignoresCase)
    {
        var set = new CodePointSet();
        set.AddRange(codePoint, codePoint, ignoresCase);
        return set.Freeze(isNegated: false);
    }

    /// <summary>Everything but a line feed.</summary>
    public static CodePointSet Dot()
    {
        var set = new CodePointSet();
        set.AddRange('\n', '\n', ignoresCase: false);
        return set.Freeze(isNegated: true);
    }

    /// <param name="first">The first code point.</param>
    /// <param name="last">The last code point.</param>
    /// <param name="ignoresCase">Whether ASCII letters stand for both cases, as in transformers.js.</param>
    public void AddRange(int first, int last, bool ignoresCase)
    {
        _ranges.Add((first, last));
        for (var letter = 'a'; ignoresCase && letter <= 'z'; letter++)
        {
            var upper = char.ToUpperInvariant(letter);
            if ((letter >= first && letter <= last) || (upper >= first && upper <= last))
            {
                _ranges.Add((letter, letter));
                _ranges.Add((upper, upper));
            }
        }
    }

    public void AddRule(Func<int, bool> contains, bool isNegated = false) => _rules.Add(isNegated ? codePoint => !contains(codePoint) : contains);

    /// <summary>Keeps of this set only what another has too.</summary>
    public CodePointSet Intersect(CodePointSet other)
    {
        var both = new CodePointSet();
        both.AddRule(codePoint => Evaluate(codePoint) && other.Evaluate(codePoint));
        return both;
    }

    /// <summary>
    /// Adds what a Unicode property names: a general category or a group of them, Alphabetic or White_Space, or a script, by its long or short name, alone as
    /// Oniguruma has it or after <c>Script=</c> or <c>sc=</c> as ECMA-262 has it.
    /// </summary>
    /// <returns>Whether the property is known.</returns>
    public bool TryAddProperty(string name, bool isNegated)
    {
        switch (name)
        {
            case "Alphabetic" or "Alpha":
                AddRule(CodePointClass.IsAlphabetic, isNegated);
                return true;
            case "White_Space" or "Space" or "space":
                AddRule(CodePointClass.IsWhiteSpace, isNegated);
                return true;
        }

        var mask = CategoryMask(name);
        if (mask == 0)
        {
            return TryAddScript(name, isNegated);
        }

        _categories |= isNegated ? ~mask : mask;
        return true;
    }

    /// <summary>Ends the building.</summary>
    public CodePointSet Freeze(bool isNegated)
    {
        _isNegated = isNegated;
        for (var codePoint = 0; codePoint < _latin.Length; codePoint++)
        {
            _latin[codePoint] = Evaluate(codePoint);
        }

        return this;
    }

    public bool Contains(int codePoint) => codePoint < 256 ? _latin[codePoint] : Evaluate(codePoint);

    private bool TryAddScript(string name, bool isNegated)
    {
        var isNamed = name.StartsWith("Script=", StringComparison.Ordinal) || name.StartsWith("sc=", StringComparison.Ordinal);
        if (!ScriptData.Instance.TryFind(isNamed ? name[(name.IndexOf('=', StringComparison.Ordinal) + 1)..] : name, out var script))
        {
            return false;
        }

        var scripts = ScriptData.Instance.Scripts;
        AddRule(codePoint => scripts[codePoint] == script, isNegated);
        return true;
    }

    private bool Evaluate(int codePoint) => Holds(codePoint) != _isNegated;

    private bool Holds(int codePoint)
    {
        if ((_categories >> CodePointClass.CategoryIndex(codePoint) & 1) != 0)
        {
            return true;
        }

        foreach (var (first, last) in _ranges)
        {
            if (codePoint >= first && codePoint <= last)
            {
                return true;
            }
        }

        foreach (var rule in _rules)
        {
            if (rule(codePoint))
            {
                return true;
            }
        }

        return false;
    }

    private static uint CategoryMask(string name)
    {
        var group = name switch
        {
            "Letter" => "L",
            "Mark" => "M",
            "Number" => "N",
            "Punctuation" or "Punct" => "P",
            "Symbol" => "S",
            "Separator" => "Z",
            "Other" => "C",
            _ => name,
        };
        var mask = 0U;
        for (var category = 0; category < CategoryNames.Length && group.Length is 1 or 2; category++)
        {
            mask |= CategoryNames[category].StartsWith(group, StringComparison.Ordinal) ? 1U << category : 0;
        }

        return mask;
    }
}
