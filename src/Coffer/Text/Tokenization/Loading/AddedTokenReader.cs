using System.Text.Json;

namespace Coffer.Text;

/// <summary>Reads added tokens as tokenizer.json and tokenizer_config.json write them.</summary>
internal static class AddedTokenReader
{
    public static IEnumerable<AddedToken> ReadAll(JsonElement root)
    {
        if (root.Member("added_tokens") is null)
        {
            yield break;
        }

        foreach (var token in root.List("added_tokens"))
        {
            yield return Read(token, token.RequiredNumber("id"));
        }
    }

    public static AddedToken Read(JsonElement token, int id)
    {
        if (id is < 0 or > 16 << 20)
        {
            throw TokenizerJson.Wrong("added_tokens", "a list of tokens with sensible numbers");
        }

        var isSpecial = token.Flag("special", otherwise: false);
        return new(id, token.RequiredText("content"))
        {
            IsSpecial = isSpecial,
            IsSingleWord = token.Flag("single_word", otherwise: false),
            StripsLeft = token.Flag("lstrip", otherwise: false),
            StripsRight = token.Flag("rstrip", otherwise: false),
            IsNormalized = token.Flag("normalized", otherwise: !isSpecial),
        };
    }
}
