namespace Coffer.Text;

/// <summary>A place of a template: a special token, or one of the texts.</summary>
/// <param name="TokenId">The special token's number, or -1 for a text.</param>
/// <param name="Sequence">0 for the first text, 1 for the second.</param>
/// <param name="TypeId">The segment that its tokens get.</param>
internal readonly record struct TemplateItem(int TokenId, int Sequence, int TypeId)
{
    public static TemplateItem Token(int id, int typeId) => new(id, 0, typeId);

    public static TemplateItem Text(int sequence, int typeId) => new(-1, sequence, typeId);
}
