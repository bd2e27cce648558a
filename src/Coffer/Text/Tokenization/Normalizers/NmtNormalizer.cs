namespace Coffer.Text;

/// <summary>Hugging Face's Nmt (tokenizers, normalizers/unicode.rs): some control characters go, and what is white space to it becomes a space.</summary>
internal sealed class NmtNormalizer : Normalizer
{
    public override void Normalize(TokenizerWorkspace workspace)
    {
        var input = workspace.Text;
        if (!input.Text.ContainsAnyExceptInRange(' ', '~'))
        {
            return;
        }

        var output = workspace.BeginText();
        for (var i = 0; i < input.Length; i++)
        {
            // All of them are of the Basic Multilingual Plane.
            var unit = input.Text[i];
            if (!IsDropped(unit))
            {
                output.Append(IsSpace(unit) ? ' ' : unit, input.Starts[i], input.Ends[i]);
            }
        }

        workspace.CommitText();
    }

    private static bool IsDropped(char unit) => (int)unit is (>= 1 and <= 8) or 0x0B or (>= 0x0E and <= 0x1F) or 0x7F or 0x8F or 0x9F;

    private static bool IsSpace(char unit) => (int)unit is 0x09 or 0x0A or 0x0C or 0x0D or 0x1680 or (>= 0x200B and <= 0x200F) or 0x2028 or 0x2029 or 0x2581 or 0xFEFF or 0xFFFD;
}
