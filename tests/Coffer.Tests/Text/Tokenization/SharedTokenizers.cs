using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>Tokenizers that others made.</summary>
internal static class SharedTokenizers
{
    public static Tokenizer Load(string folder)
    {
        var files = new Dictionary<string, ReadOnlyMemory<byte>>();
        foreach (var file in Directory.GetFiles(Repository.Shared("tokenizers", folder)))
        {
            files[Path.GetFileName(file)] = File.ReadAllBytes(file);
        }

        return Tokenizer.FromFiles(files);
    }
}
