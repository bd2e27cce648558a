namespace Coffer.Text.Templates;

/// <summary>A place in a template: line and UTF-16 column, both from 1.</summary>
internal readonly record struct TemplatePosition(int Line, int Column)
{
    public TextTemplateException Error(TextTemplateError error, string message) => new(error, message, Line, Column);
}
