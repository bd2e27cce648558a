using System.Security.Cryptography;
using System.Text;
using Coffer.Bundles;

namespace Coffer.Corpus;

/// <summary>The corpus's content keys: SHA-256 of <c>coffer corpus: content key KID</c>.</summary>
internal static class CorpusContentKeys
{
    public const string Settings = "digits.settings.1";
    public const string Weights = "digits.weights.1";

    public static string Of(PartGroup group) => group == PartGroup.Settings ? Settings : Weights;

    public static ContentKey Open(string id) => new(id, Bytes($"content key {id}"));

    /// <summary>The same bytes for the same name, everywhere: salts, nonces, instances.</summary>
    public static byte[] Bytes(string name, int count = 32) => SHA256.HashData(Encoding.UTF8.GetBytes($"coffer corpus: {name}"))[..count];
}
