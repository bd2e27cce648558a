using Coffer.Inference;

namespace Coffer.Text;

/// <summary>
/// Puts a text's tokens and their scores together, as <c>gather_pre_entities</c> of transformers' token-classification pipeline does.
/// </summary>
internal sealed class TokenScoreReader(Tokenizer tokenizer)
{
    /// <param name="text">The text.</param>
    /// <param name="encoding">Its tokens, or those of a window.</param>
    /// <param name="logits">[tokens, labels]; become scores in place.</param>
    public List<TokenScores> Read(string text, TextEncoding encoding, float[] logits)
    {
        var width = logits.Length / encoding.Count;
        var tokens = new List<TokenScores>(encoding.Count);
        for (var i = 0; i < encoding.Count; i++)
        {
            if (encoding.SpecialTokensMask.Span[i] != 0)
            {
                continue;
            }

            var scores = logits.AsMemory(i * width, width);
            ClassScores.Apply(ScoreFunction.Softmax, scores.Span);
            var span = encoding.Offsets.Span[i];
            var id = encoding.Ids.Span[i];
            tokens.Add(id == tokenizer.SpecialTokens.Unknown
                ? new TokenScores(text[span.Start..span.End], scores, span, i, ContinuesWord: false)
                : new TokenScores(Token(encoding, i), scores, span, i, Continues(text, Token(encoding, i), span)));
        }

        return tokens;
    }

    private static string Token(TextEncoding encoding, int index) => encoding.Tokens[index];

    // A tokenizer that marks tokens within words has longer names for them than what they stand for; of others only a space tells.
    private bool Continues(string text, string token, TextSpan span) => tokenizer.MarksContinuation
        ? CodePoints(token) != CodePoints(text.AsSpan(span.Start, span.Length))
        : span.Start > 0 && text[span.Start - 1] != ' ' && (span.Start == text.Length || text[span.Start] != ' ');

    private static int CodePoints(ReadOnlySpan<char> text)
    {
        var count = text.Length;
        for (var i = 1; i < text.Length; i++)
        {
            count -= char.IsSurrogatePair(text[i - 1], text[i]) ? 1 : 0;
        }

        return count;
    }
}
