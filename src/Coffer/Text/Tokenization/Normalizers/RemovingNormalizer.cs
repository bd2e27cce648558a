namespace Coffer.Text;

/// <summary>Removes the code points that a rule names, such as accents.</summary>
internal sealed class RemovingNormalizer(Func<int, bool> isRemoved) : Normalizer
{
    /// <summary>StripAccents: every mark.</summary>
    public static RemovingNormalizer Marks { get; } = new(CodePointClass.IsMark);

    /// <summary>BERT's: nonspacing marks.</summary>
    public static RemovingNormalizer NonspacingMarks { get; } = new(CodePointClass.IsNonspacingMark);

    public override void Normalize(TokenizerWorkspace workspace)
    {
        var input = workspace.Text;
        if (System.Text.Ascii.IsValid(input.Text))
        {
            return;
        }

        var output = workspace.BeginText();
        for (var i = 0; i < input.Length;)
        {
            var codePoint = input.CodePointAt(i, out var units);
            if (!isRemoved(codePoint))
            {
                output.Append(input, i, i + units);
            }

            i += units;
        }

        workspace.CommitText();
    }
}
