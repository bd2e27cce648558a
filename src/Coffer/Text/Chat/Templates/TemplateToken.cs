namespace Coffer.Text.Templates;

/// <summary>A piece of a template: what it is, its text, the value of a literal, and its place.</summary>
internal readonly record struct TemplateToken(TemplateTokenKind Kind, string Text, object? Value, TemplatePosition Position)
{
    public bool Is(TemplateTokenKind kind, string text) => Kind == kind && Text == text;
}
