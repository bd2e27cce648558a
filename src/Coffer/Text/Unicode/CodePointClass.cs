using System.Globalization;

namespace Coffer.Text;

/// <summary>What a code point is, by the Unicode data that Coffer carries: the same on every machine, with or without ICU.</summary>
internal static class CodePointClass
{
    private static readonly ushort[] Latin = [.. Enumerable.Range(0, 256).Select(c => UnicodeData.Instance.Properties[c])];

    public static UnicodeCategory Category(int codePoint) => UnicodeData.Categories[Properties(codePoint) & 31];

    /// <summary>The category's place in <see cref="UnicodeData.Categories"/>.</summary>
    public static int CategoryIndex(int codePoint) => Properties(codePoint) & 31;

    public static bool IsWhiteSpace(int codePoint) => (Properties(codePoint) & UnicodeData.WhiteSpace) != 0;

    /// <summary>ECMA-262's <c>\s</c>: with U+FEFF, without U+0085.</summary>
    public static bool IsEcmaScriptSpace(int codePoint) => codePoint == 0xFEFF || (codePoint != 0x85 && IsWhiteSpace(codePoint));

    public static bool IsLetter(int codePoint) => (Properties(codePoint) & 31) <= UnicodeData.LastLetter;

    public static bool IsMark(int codePoint) => (Properties(codePoint) & 31) is >= UnicodeData.NonspacingMark and <= UnicodeData.LastMark;

    public static bool IsNonspacingMark(int codePoint) => (Properties(codePoint) & 31) == UnicodeData.NonspacingMark;

    public static bool IsNumber(int codePoint) => (Properties(codePoint) & 31) is >= UnicodeData.DecimalDigit and <= UnicodeData.LastNumber;

    /// <summary>Punctuation as BERT sees it: Unicode's, and every ASCII character that is no letter, digit, space or control.</summary>
    public static bool IsPunctuation(int codePoint) => codePoint < 128
        ? codePoint is >= 33 and <= 47 or >= 58 and <= 64 or >= 91 and <= 96 or >= 123 and <= 126
        : (Properties(codePoint) & 31) is >= UnicodeData.FirstPunctuation and <= UnicodeData.LastPunctuation;

    /// <summary>Control, format, private use or surrogate.</summary>
    public static bool IsOther(int codePoint) => (Properties(codePoint) & 31) is >= UnicodeData.Control and <= UnicodeData.PrivateUse;

    public static bool IsAlphabetic(int codePoint) => (Properties(codePoint) & UnicodeData.Alphabetic) != 0;

    /// <summary>UTS #18's <c>\w</c>: alphabetic, mark, decimal digit, connector punctuation.</summary>
    public static bool IsWord(int codePoint) => IsAlphabetic(codePoint) || IsMark(codePoint)
        || Category(codePoint) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation;

    public static bool IsCased(int codePoint) => (Properties(codePoint) & UnicodeData.Cased) != 0;

    public static bool IsCaseIgnorable(int codePoint) => (Properties(codePoint) & UnicodeData.CaseIgnorable) != 0;

    private static int Properties(int codePoint) => codePoint < 256 ? Latin[codePoint] : UnicodeData.Instance.Properties[codePoint];
}
