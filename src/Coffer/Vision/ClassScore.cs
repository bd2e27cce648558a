namespace Coffer.Vision;

/// <summary>A class and how well the picture fits it.</summary>
/// <param name="Label">The class's name in the model's labels; its index, if the model has none.</param>
/// <param name="Index">The class's place in the model's output, from 0.</param>
/// <param name="Score">By <see cref="ImageClassifierOptions.Scores"/>; 0 to 1 unless that is <see cref="ScoreFunction.None"/>.</param>
public readonly record struct ClassScore(string Label, int Index, float Score);
