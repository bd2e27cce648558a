namespace Coffer.Text;

/// <summary>A token of a text before special tokens join it.</summary>
/// <param name="Id">Its number in the vocabulary.</param>
/// <param name="Start">Where it starts in the original text, in UTF-16 units.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Word">The number of its word in the text.</param>
internal readonly record struct EncodedToken(int Id, int Start, int End, int Word);
