using System.Globalization;

namespace Coffer.Text;

/// <summary>
/// The Unicode Character Database as far as tokenizers need it, read once from Unicode.bin (written by generate.mjs, which also says how).
/// .NET's own normalization and casing come from ICU, and do nothing or less in globalization-invariant mode.
/// </summary>
internal sealed class UnicodeData
{
    public const int Cased = 1 << 5;
    public const int CaseIgnorable = 1 << 6;
    public const int Alphabetic = 1 << 7;
    public const int WhiteSpace = 1 << 8;
    public const int ComposingMayChange = 1 << 9;

    // Places in Categories.
    public const int LastLetter = 4;
    public const int NonspacingMark = 5;
    public const int LastMark = 7;
    public const int DecimalDigit = 8;
    public const int LastNumber = 10;
    public const int Control = 14;
    public const int PrivateUse = 17;
    public const int FirstPunctuation = 18;
    public const int LastPunctuation = 24;

    private const int Limit = 0x110000;

    private readonly int[] _pool;
    private readonly Dictionary<long, int> _compositions;

    private UnicodeData(byte[] data)
    {
        var reader = new Leb128Reader(data);
        Version = new(reader.Read(), reader.Read());
        Properties = ReadRuns(ref reader);
        CombiningClasses = ReadRuns(ref reader);
        var pool = new List<int> { 0 };
        Canonical = ReadMap(ref reader, pool);
        Compatible = ReadMap(ref reader, pool);
        var count = reader.Read();
        _compositions = new(count);
        for (var i = 0; i < count; i++)
        {
            var key = PairKey(reader.Read(), reader.Read());
            _compositions[key] = reader.Read();
        }

        Lower = ReadMap(ref reader, pool);
        _pool = [.. pool];
    }

    public static UnicodeData Instance { get; } = new(ReadResource("Coffer.Text.Unicode.bin"));

    public static ReadOnlySpan<UnicodeCategory> Categories =>
    [
        UnicodeCategory.UppercaseLetter, UnicodeCategory.LowercaseLetter, UnicodeCategory.TitlecaseLetter, UnicodeCategory.ModifierLetter, UnicodeCategory.OtherLetter,
        UnicodeCategory.NonSpacingMark, UnicodeCategory.SpacingCombiningMark, UnicodeCategory.EnclosingMark,
        UnicodeCategory.DecimalDigitNumber, UnicodeCategory.LetterNumber, UnicodeCategory.OtherNumber,
        UnicodeCategory.SpaceSeparator, UnicodeCategory.LineSeparator, UnicodeCategory.ParagraphSeparator,
        UnicodeCategory.Control, UnicodeCategory.Format, UnicodeCategory.Surrogate, UnicodeCategory.PrivateUse,
        UnicodeCategory.ConnectorPunctuation, UnicodeCategory.DashPunctuation, UnicodeCategory.OpenPunctuation, UnicodeCategory.ClosePunctuation,
        UnicodeCategory.InitialQuotePunctuation, UnicodeCategory.FinalQuotePunctuation, UnicodeCategory.OtherPunctuation,
        UnicodeCategory.MathSymbol, UnicodeCategory.CurrencySymbol, UnicodeCategory.ModifierSymbol, UnicodeCategory.OtherSymbol,
        UnicodeCategory.OtherNotAssigned,
    ];

    public Version Version { get; }

    public CodePointMap Properties { get; }

    /// <summary>The rank of the canonical combining class; 0 for starters.</summary>
    public CodePointMap CombiningClasses { get; }

    /// <summary>Full canonical decompositions, for <see cref="Expansion"/>; 0 for none.</summary>
    public CodePointMap Canonical { get; }

    /// <summary>Full compatibility decompositions where they differ from the canonical ones; 0 for none.</summary>
    public CodePointMap Compatible { get; }

    /// <summary>Full lower case without context; 0 where a character is its own.</summary>
    public CodePointMap Lower { get; }

    /// <summary>The code points that a map's entry stands for.</summary>
    public ReadOnlySpan<int> Expansion(int entry) => _pool.AsSpan(entry + 1, _pool[entry]);

    public bool TryCompose(int first, int second, out int composed) => _compositions.TryGetValue(PairKey(first, second), out composed);

    private static long PairKey(int first, int second) => ((long)first << 32) | (uint)second;

    private static CodePointMap ReadRuns(ref Leb128Reader reader)
    {
        var values = new ushort[Limit];
        for (var codePoint = 0; codePoint < Limit;)
        {
            var length = reader.Read();
            values.AsSpan(codePoint, length).Fill((ushort)reader.Read());
            codePoint += length;
        }

        return new(values);
    }

    private static CodePointMap ReadMap(ref Leb128Reader reader, List<int> pool)
    {
        var values = new ushort[Limit];
        var codePoint = 0;
        for (var entries = reader.Read(); entries > 0; entries--)
        {
            codePoint += reader.Read();
            values[codePoint] = checked((ushort)pool.Count);
            var length = reader.Read();
            pool.Add(length);
            for (; length > 0; length--)
            {
                pool.Add(reader.Read());
            }
        }

        return new(values);
    }

    /// <summary>A table that Coffer carries.</summary>
    public static byte[] ReadResource(string name)
    {
        using var stream = typeof(UnicodeData).Assembly.GetManifestResourceStream(name)!;
        var data = new byte[stream.Length];
        stream.ReadExactly(data);
        return data;
    }
}
