using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Coffer.Corpus;

/// <summary>Writes the corpus: the same bytes wherever and whenever it runs.</summary>
internal static class CorpusWriter
{
    public const string Base = "valid.coffer";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, IndentSize = 1, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(string folder)
    {
        foreach (var kind in new[] { "bundles", "licenses", "grants", "trust" })
        {
            Directory.CreateDirectory(Path.Combine(folder, kind));
        }

        var valid = new CorpusBundle().Build();
        File.WriteAllBytes(Path.Combine(folder, "bundles", Base), valid);
        var index = new JsonObject
        {
            ["publisher"] = CorpusPublisher.Name,
            ["issuer"] = CorpusLicenses.Issuer,
            ["clock"] = "2026-06-01T12:00:00Z",
            ["audience"] = LicenseVectors.Audience,
            ["bundles"] = List("bundles", BundleVectors.All(), vector => vector.Name == "valid" ? Base : $"{vector.Name}.json", (path, vector) =>
            {
                if (vector.Name != "valid")
                {
                    File.WriteAllText(path, BundlePatch.Between(valid, vector.Bytes, Base).ToJsonString() + "\n");
                }
            }),
            ["licenses"] = List("licenses", LicenseVectors.All(), vector => $"{vector.Name}.license", (path, vector) => File.WriteAllBytes(path, vector.Bytes)),
            ["grants"] = List("grants", GrantVectors.All(), vector => $"{vector.Name}.grant", (path, vector) => File.WriteAllBytes(path, vector.Bytes)),
        };
        File.WriteAllText(Path.Combine(folder, "corpus.json"), index.ToJsonString(Indented) + "\n");
        WriteTrust(Path.Combine(folder, "trust"));

        JsonArray List(string kind, IEnumerable<Vector> vectors, Func<Vector, string> name, Action<string, Vector> write)
        {
            var list = new JsonArray();
            foreach (var vector in vectors)
            {
                write(Path.Combine(folder, kind, name(vector)), vector);
                var entry = new JsonObject { ["file"] = $"{kind}/{name(vector)}", ["what"] = vector.What, ["spec"] = vector.Spec, ["error"] = vector.Error };
                if (vector.Section is not null)
                {
                    entry["section"] = vector.Section;
                }

                list.Add(entry);
            }

            return list;
        }
    }

    private static void WriteTrust(string folder)
    {
        var publisher = new CorpusPublisher();
        File.WriteAllText(Path.Combine(folder, "root.crt"), publisher.Root.ExportCertificatePem() + "\n");
        File.WriteAllText(Path.Combine(folder, "timestamp-root.crt"), publisher.TimestampRoot.ExportCertificatePem() + "\n");
        File.WriteAllText(Path.Combine(folder, "issuer.jwk"), CorpusDevice.Issuer.SigningKey.ToJson() + "\n");
        File.WriteAllText(Path.Combine(folder, "publisher.jwk"), CorpusDevice.Publisher.SigningKey.ToJson() + "\n");
        File.WriteAllBytes(Path.Combine(folder, "device.jwk"), Encoding.UTF8.GetBytes($$"""{"keys":[{{CorpusDevice.Device.SigningKey.ToJson()}},{{CorpusDevice.Device.AgreementKey.ToJson()}}]}""" + "\n"));
    }
}
