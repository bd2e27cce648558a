using Coffer.Bundles;

namespace Coffer.Cli;

/// <summary>A license that was made: writes its file and says what is in it.</summary>
internal static class WrittenLicense
{
    public static void Save(string path, string text, Output output, DateTimeOffset now)
    {
        File.WriteAllText(path, text);
        var license = License.Parse(text);
        var claims = license.Claims;
        if (output.IsJson)
        {
            output.Json(json =>
            {
                json.WriteStartObject();
                json.WriteString("file", path);
                LicenseJson.WriteClaims(json, claims);
                json.WriteEndObject();
            });
        }
        else
        {
            output.Line($"{path}: a license of '{claims.Issuer}' for '{claims.Licensee}'.");
            output.Line();
            LicenseText.Write(output, license, now);
        }
    }
}
