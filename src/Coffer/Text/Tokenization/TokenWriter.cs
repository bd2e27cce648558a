namespace Coffer.Text;

/// <summary>Writes the tokens of one text with the special ones around them.</summary>
internal static class TokenWriter
{
    /// <returns>The number of tokens, also beyond the room there is.</returns>
    public static int Write(SequenceTemplate template, ReadOnlySpan<EncodedToken> tokens, Span<int> ids, bool addSpecialTokens)
    {
        var count = 0;
        foreach (ref readonly var item in template.For(pair: false))
        {
            if (item.TokenId >= 0)
            {
                if (addSpecialTokens)
                {
                    Put(ids, count++, item.TokenId);
                }

                continue;
            }

            foreach (ref readonly var token in tokens)
            {
                Put(ids, count++, token.Id);
            }
        }

        return count;
    }

    private static void Put(Span<int> ids, int index, int id)
    {
        if ((uint)index < (uint)ids.Length)
        {
            ids[index] = id;
        }
    }
}
