using System.Numerics;

namespace Coffer.Text;

/// <summary>
/// Where the rows of a run have no text, as transformers has it: before the tokens of a decoder's prompts, after those that an encoder reads.
/// </summary>
/// <param name="before">How much padding each row's prompt has before it; empty for none.</param>
/// <param name="lastPositions">The last position that each row may have: a row that has ended goes on there. As many as <paramref name="before"/>.</param>
/// <param name="sources">How many tokens the encoder read, for each row, or one for all; empty for a decoder alone.</param>
internal sealed class RowPadding(int[] before, int[] lastPositions, int[] sources)
{
    public static RowPadding None { get; } = new([], [], []);

    /// <summary>How many tokens a row of the encoder has, padding included.</summary>
    public int EncoderTokens { get; } = sources.Length == 0 ? 0 : sources.Max();

    /// <summary>Of what an encoder reads.</summary>
    public static RowPadding Of(IReadOnlyList<int[]> sources) => new([], [], [.. sources.Select(source => source.Length)]);

    /// <summary>With the prompts of a decoder.</summary>
    public RowPadding With(int[] prompts, int[] positions) => new(prompts, positions, sources);

    /// <summary>Of a decoder's tokens, those in the cache included.</summary>
    public void WriteMask<T>(Span<T> mask, int rows)
        where T : IBinaryInteger<T>
    {
        mask.Fill(T.One);
        var width = mask.Length / rows;
        for (var row = 0; row < before.Length; row++)
        {
            mask.Slice(row * width, before[row]).Clear();
        }
    }

    /// <summary>Of the tokens that a run adds to so many.</summary>
    public void WritePositions<T>(Span<T> positions, int rows, int past)
        where T : IBinaryInteger<T>
    {
        var count = positions.Length / rows;
        for (var i = 0; i < positions.Length; i++)
        {
            var (row, position) = (i / count, past + (i % count));
            positions[i] = T.CreateChecked(before.Length == 0 ? position : Math.Clamp(position - before[row], 0, lastPositions[row]));
        }
    }

    /// <summary>Of what the encoder read.</summary>
    public void WriteEncoderMask<T>(Span<T> mask, int rows)
        where T : IBinaryInteger<T>
    {
        mask.Fill(T.One);
        for (var row = 0; row < rows && sources.Length == rows; row++)
        {
            mask[((row * EncoderTokens) + sources[row])..((row + 1) * EncoderTokens)].Clear();
        }
    }
}
