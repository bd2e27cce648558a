namespace Coffer.Inference;

/// <summary>A class and how well an input fits it.</summary>
/// <param name="Label">The class's name in the model's labels; its index, if the model has none.</param>
/// <param name="Index">The class's place in the model's output, from 0.</param>
/// <param name="Score">By the option <c>Scores</c> of the predictor; 0 to 1 unless that is <see cref="ScoreFunction.None"/>.</param>
public readonly record struct ClassScore(string Label, int Index, float Score);
