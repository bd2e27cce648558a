namespace Coffer.Text.Templates;

/// <summary>What one rendering may use.</summary>
internal readonly record struct TemplateLimits(long Steps, long Characters);
