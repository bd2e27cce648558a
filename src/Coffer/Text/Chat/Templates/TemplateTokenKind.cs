namespace Coffer.Text.Templates;

internal enum TemplateTokenKind
{
    Text,
    BlockBegin,
    BlockEnd,
    VariableBegin,
    VariableEnd,
    Name,
    String,
    Number,
    Operator,
    End,
}
