namespace Coffer.Text;

/// <summary>A document and how well it fits the query.</summary>
/// <param name="Index">Its place in <see cref="RerankInput.Documents"/>, from 0.</param>
/// <param name="Score">Greater is better; 0 to 1, unless <see cref="RerankerOptions.Scores"/> or the model's files ask for logits.</param>
public readonly record struct RankedDocument(int Index, float Score);
