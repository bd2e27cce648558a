using System.Text.Json;

namespace Coffer.Tests.Keys;

/// <summary>Reads a file of Project Wycheproof's test vectors.</summary>
internal static class Wycheproof
{
    public static IEnumerable<(JsonElement Group, JsonElement Test, bool IsValid)> Read(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Repository.Shared("vectors", "wycheproof", name)));
        foreach (var group in document.RootElement.GetProperty("testGroups").EnumerateArray())
        {
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                yield return (group.Clone(), test.Clone(), test.GetProperty("result").GetString() == "valid");
            }
        }
    }

    public static string Text(this JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString()! : "";

    public static byte[] Hex(this JsonElement element, string name) => Convert.FromHexString(element.GetProperty(name).GetString()!);

    public static int Id(this JsonElement test) => test.GetProperty("tcId").GetInt32();
}
