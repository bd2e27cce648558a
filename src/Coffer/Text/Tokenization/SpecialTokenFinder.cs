namespace Coffer.Text;

/// <summary>Finds the special tokens' numbers: by what tokenizer_config.json names, else by the names that are customary.</summary>
internal static class SpecialTokenFinder
{
    public static SpecialTokens Find(TokenizerSettings settings, Func<string, int?> find, int? unknown, Func<int, bool> isSpecial)
    {
        return new()
        {
            BeginOfSequence = Named("bos_token", "<s>", "<bos>", "<|begin_of_text|>"),
            EndOfSequence = Named("eos_token", "</s>", "<eos>", "<|endoftext|>", "<|end_of_text|>"),
            Padding = Named("pad_token", "[PAD]", "<pad>"),
            Unknown = Named("unk_token", "[UNK]", "<unk>") ?? unknown,
            Separator = Named("sep_token", "[SEP]"),
            Classification = Named("cls_token", "[CLS]"),
            Mask = Named("mask_token", "[MASK]", "<mask>"),
        };

        int? Named(string name, params ReadOnlySpan<string> customary)
        {
            if (settings.Tokens.TryGetValue(name, out var token))
            {
                return find(token);
            }

            // A configuration that names some tokens means not to have the others.
            foreach (var candidate in settings.Tokens.Count > 0 ? [] : customary)
            {
                if (find(candidate) is { } id && isSpecial(id))
                {
                    return id;
                }
            }

            return null;
        }
    }
}
