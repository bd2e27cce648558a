using System.Globalization;
using System.Text;

namespace Coffer.Tests.Text;

/// <summary>Texts of every script and of nothing sensible: the same for the same seed.</summary>
internal sealed class GeneratedTexts(int seed)
{
    private static readonly string[] Fragments =
    [
        " ", "  ", "\t", "\r\n", "\u0085", "\u00A0", "\u3000", "\uFEFF", "\u200D", "\0", "\u0001", "\u007F", "can't", "we'll", "I'VE", "[CLS]", "[MASK]", "<|endoftext|>", "</s>", "<extra_id_3>",
        "ΑΣ", "Σ", "İ", "ﬁ", "Ǆ", "가", "각", "\u1100\u1161\u11A8", "e\u0301", "q\u0323\u0307", "👩‍👩‍👧‍👦", "🇺🇳", "👍🏽", "️", "～", "½", "①", "²", "𠀀", "中文", "日本語", "ไทย", "हिन्दी", "العربية", "\uFFFD", "##", "▁", "...", "$1,234.56", "x=y+z;",
    ];

    private readonly Random _random = new(seed);

    public IEnumerable<string> Take(int count) => Enumerable.Range(0, count).Select(_ => Next());

    private string Next()
    {
        var text = new StringBuilder();
        for (var parts = _random.Next(1, 24); parts > 0; parts--)
        {
            switch (_random.Next(12))
            {
                case 0:
                    text.Append(Fragments[_random.Next(Fragments.Length)]);
                    break;
                case 1:
                    text.Append((char)_random.Next(0xD800, 0xE000));
                    break;
                case 2:
                    text.Append(Assigned(0x20000, 0x30000));
                    break;
                case 3:
                    text.Append(Assigned(0x10000, 0x20000));
                    break;
                case 4:
                    text.Append('a').Append(Assigned(0x300, 0x370)).Append(Assigned(0x300, 0x370));
                    break;
                case 5:
                    text.Append((char)_random.Next(0x20));
                    break;
                case 6:
                    text.Append((char)_random.Next('a', 'z' + 1), _random.Next(1, 140));
                    break;
                case < 9:
                    Words(text);
                    break;
                default:
                    text.Append(Assigned(0x20, 0x10000));
                    break;
            }

            text.Append(_random.Next(3) == 0 ? " " : string.Empty);
        }

        return text.ToString();
    }

    private void Words(StringBuilder text)
    {
        for (var letters = _random.Next(1, 12); letters > 0; letters--)
        {
            text.Append("etaoinshrdlucmfwypvbgkETAOIN0123'-"[_random.Next(34)]);
        }
    }

    // Code points that .NET's own data calls assigned: what both sides may know.
    private string Assigned(int from, int to)
    {
        while (true)
        {
            var codePoint = _random.Next(from, to);
            if (CharUnicodeInfo.GetUnicodeCategory(codePoint) is not UnicodeCategory.OtherNotAssigned and not UnicodeCategory.Surrogate)
            {
                return char.ConvertFromUtf32(codePoint);
            }
        }
    }
}
