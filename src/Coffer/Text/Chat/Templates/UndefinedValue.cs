namespace Coffer.Text.Templates;

/// <summary>What a name stands for that nothing defines: false, empty and printed as nothing, but an error where more is asked of it.</summary>
internal sealed class UndefinedValue(string message)
{
    public string Message => message;
}
