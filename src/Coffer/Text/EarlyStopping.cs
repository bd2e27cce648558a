namespace Coffer.Text;

/// <summary>When a beam search ends: transformers' <c>early_stopping</c>.</summary>
public enum EarlyStopping
{
    /// <summary><c>false</c>: when the best beam that goes on, at its present length, is no better than the worst that has ended.</summary>
    Heuristic,

    /// <summary><c>true</c>: as soon as there are as many ended beams as <see cref="GenerationOptions.Beams"/>.</summary>
    WhenFull,

    /// <summary><c>"never"</c>: when no beam can become better than the worst that has ended.</summary>
    Never,
}
