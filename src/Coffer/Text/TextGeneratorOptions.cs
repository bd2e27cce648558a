namespace Coffer.Text;

/// <summary>How <see cref="TextGenerator"/> generates. Immutable; change a copy with <c>with</c>.</summary>
public sealed record TextGeneratorOptions : GenerationOptions
{
    internal static TextGeneratorOptions Default { get; } = new();
}
