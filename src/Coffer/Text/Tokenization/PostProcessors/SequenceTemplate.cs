namespace Coffer.Text;

/// <summary>What a tokenizer puts around one text and around two: all of Hugging Face's post-processors come down to this.</summary>
internal sealed record SequenceTemplate(TemplateItem[] Single, TemplateItem[] Pair)
{
    /// <summary>The texts alone.</summary>
    public static SequenceTemplate Plain { get; } = new([TemplateItem.Text(0, 0)], [TemplateItem.Text(0, 0), TemplateItem.Text(1, 1)]);

    /// <summary>Whether offsets leave out the white space that byte-level tokens carry.</summary>
    public bool TrimsOffsets { get; init; }

    /// <summary>The template for one text or for two.</summary>
    public ReadOnlySpan<TemplateItem> For(bool pair) => pair ? Pair : Single;

    /// <summary>How many special tokens it adds.</summary>
    public int AddedCount(bool pair)
    {
        var count = 0;
        foreach (var item in For(pair))
        {
            count += item.TokenId >= 0 ? 1 : 0;
        }

        return count;
    }
}
