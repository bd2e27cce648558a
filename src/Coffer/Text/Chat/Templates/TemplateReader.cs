using System.Runtime.CompilerServices;

namespace Coffer.Text.Templates;

/// <summary>Goes over a template's tokens.</summary>
internal sealed class TemplateReader(IReadOnlyList<TemplateToken> tokens)
{
    public int At { get; private set; }

    public TemplateToken Current => tokens[At];

    public TemplateToken Ahead => tokens[Math.Min(At + 1, tokens.Count - 1)];

    public TemplateToken Take() => Current.Kind == TemplateTokenKind.End ? Current : tokens[At++];

    public bool IsOperator(string text) => Current.Is(TemplateTokenKind.Operator, text);

    public bool IsName(string text) => Current.Is(TemplateTokenKind.Name, text);

    public bool SkipOperator(string text) => Skip(IsOperator(text));

    public bool SkipName(string text) => Skip(IsName(text));

    public TemplateToken Expect(TemplateTokenKind kind, string what) => Current.Kind == kind ? Take() : throw Unexpected(what);

    public void ExpectOperator(string text)
    {
        if (!SkipOperator(text))
        {
            throw Unexpected($"'{text}'");
        }
    }

    /// <summary>Whether a name is among the tokens between two places.</summary>
    public bool Speaks(string name, int from) => Enumerable.Range(from, At - from).Any(at => tokens[at].Is(TemplateTokenKind.Name, name));

    /// <summary>Guards what calls itself.</summary>
    public void Enter()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw Current.Position.Error(TextTemplateError.LimitExceeded, "the template nests too deep.");
        }
    }

    public TextTemplateException Unexpected(string expected) => Current.Position.Error(
        TextTemplateError.Syntax, $"{expected} should stand here, not {(Current.Kind == TemplateTokenKind.End ? "the end of the template" : $"'{TokenizerJson.Quote(Current.Text)}'")}.");

    private bool Skip(bool isThere)
    {
        At += isThere ? 1 : 0;
        return isThere;
    }
}
