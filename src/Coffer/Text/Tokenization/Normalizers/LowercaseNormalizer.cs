namespace Coffer.Text;

/// <summary>
/// Full lower case (The Unicode Standard, 3.13). A sigma at the end of a word becomes ς, as in Python's and JavaScript's lower-casing of a whole
/// text; Hugging Face's Rust code lower-cases character by character and has σ there.
/// </summary>
internal sealed class LowercaseNormalizer : Normalizer
{
    private const int CapitalSigma = 0x3A3;
    private const int FinalSigma = 0x3C2;

    public static LowercaseNormalizer Instance { get; } = new();

    public override void Normalize(TokenizerWorkspace workspace)
    {
        var input = workspace.Text;
        if (IsAscii(input))
        {
            return;
        }

        var output = workspace.BeginText();
        var data = UnicodeData.Instance;
        for (var i = 0; i < input.Length;)
        {
            var codePoint = input.CodePointAt(i, out var units);
            var entry = data.Lower[codePoint];
            if (entry == 0)
            {
                output.Append(input, i, i + units);
            }
            else if (codePoint == CapitalSigma && IsFinal(input, i))
            {
                output.Append(FinalSigma, input.Starts[i], input.Ends[i]);
            }
            else
            {
                foreach (var part in data.Expansion(entry))
                {
                    output.Append(part, input.Starts[i], input.Ends[i + units - 1]);
                }
            }

            i += units;
        }

        workspace.CommitText();
    }

    /// <summary>Lower-cases in place when there is nothing but ASCII.</summary>
    private static bool IsAscii(TextBuffer text)
    {
        if (!System.Text.Ascii.IsValid(text.Text))
        {
            return false;
        }

        System.Text.Ascii.ToLowerInPlace(text.MutableText, out _);
        return true;
    }

    // The Unicode Standard, table 3-17, Final_Sigma.
    private static bool IsFinal(TextBuffer text, int sigma)
    {
        var before = sigma - 1;
        for (; before >= 0; before--)
        {
            if (char.IsLowSurrogate(text.Text[before]) && before > 0)
            {
                before--;
            }

            if (!CodePointClass.IsCaseIgnorable(text.CodePointAt(before, out _)))
            {
                break;
            }
        }

        if (before < 0 || !CodePointClass.IsCased(text.CodePointAt(before, out _)))
        {
            return false;
        }

        for (var after = sigma + 1; after < text.Length;)
        {
            var codePoint = text.CodePointAt(after, out var units);
            if (!CodePointClass.IsCaseIgnorable(codePoint))
            {
                return !CodePointClass.IsCased(codePoint);
            }

            after += units;
        }

        return true;
    }
}
