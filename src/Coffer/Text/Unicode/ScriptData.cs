using System.Text;

namespace Coffer.Text;

/// <summary>
/// Unicode's Script property, read once, when a tokenizer asks for it, from Scripts.bin (written by generate-scripts.mjs, which also says how).
/// A script is its place in the file, from 1; 0 is none.
/// </summary>
internal sealed class ScriptData
{
    private const int Limit = 0x110000;

    private static readonly Lazy<ScriptData> Loaded = new(() => new ScriptData(UnicodeData.ReadResource("Coffer.Text.Scripts.bin")));

    private readonly Dictionary<string, int> _scripts = new(StringComparer.Ordinal);

    private ScriptData(byte[] data)
    {
        var reader = new Leb128Reader(data);
        var count = reader.Read();
        for (var script = 1; script <= count; script++)
        {
            for (var names = reader.Read(); names > 0; names--)
            {
                _scripts[Plain(ReadName(ref reader))] = script;
            }
        }

        var values = new ushort[Limit];
        for (var codePoint = 0; codePoint < Limit;)
        {
            var length = reader.Read();
            values.AsSpan(codePoint, length).Fill((ushort)reader.Read());
            codePoint += length;
        }

        Scripts = new(values);
    }

    public static ScriptData Instance => Loaded.Value;

    /// <summary>The script of each code point.</summary>
    public CodePointMap Scripts { get; }

    /// <summary>Finds a script by its long or short name: <c>Han</c>, <c>Hani</c>. Case, spaces, <c>_</c> and <c>-</c> don't count (UAX #44, LM3).</summary>
    public bool TryFind(string name, out int script) => _scripts.TryGetValue(Plain(name), out script);

    private static string Plain(string name) => string.Concat(name.Where(c => c is not (' ' or '_' or '-')).Select(char.ToLowerInvariant));

    private static string ReadName(ref Leb128Reader reader)
    {
        var name = new StringBuilder();
        for (var length = reader.Read(); length > 0; length--)
        {
            name.Append((char)reader.Read());
        }

        return name.ToString();
    }
}
