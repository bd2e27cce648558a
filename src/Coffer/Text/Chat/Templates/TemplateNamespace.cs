namespace Coffer.Text.Templates;

/// <summary>What <c>namespace()</c> makes: the one value whose attributes a template can set.</summary>
internal sealed class TemplateNamespace
{
    public TemplateMap Attributes { get; } = new();
}
