using System.Diagnostics;
using System.Text.Json;
using Coffer.Bundles;
using Coffer.Tests.Keys;

namespace Coffer.Tests.Licensing;

/// <summary>Other people's JOSE implementations read what ours writes.</summary>
public sealed class InteropTests : IDisposable
{
    private const string Python = "/usr/bin/python3";

    private readonly LicensingWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void License_InJwcrypto_VerifiesAndItsKeyOpens()
    {
        if (!File.Exists(Python) || Run(Python, ["-c", "import jwcrypto"]).ExitCode != 0)
        {
            Repository.Require("python3-jwcrypto is not installed");
        }

        Prepare();
        var (exitCode, output) = Run(Python, ["-c", Script, _world.Folder.Path]);

        Assert.True(exitCode == 0, output);
        AssertIsTheKey(output);
    }

    [Fact]
    public void License_InJose_VerifiesAndItsKeyOpens()
    {
        if (!OperatingSystem.IsLinux() || Run("/bin/sh", ["-c", "command -v jose"]).ExitCode != 0)
        {
            Repository.Require("the jose command is not installed");
        }

        Prepare();
        var (verified, payload) = Run("jose", ["jws", "ver", "-i", _world.Folder.File("a.license"), "-k", _world.Folder.File("issuer.jwk"), "-O-"]);
        Assert.True(verified == 0, payload);
        using var claims = JsonDocument.Parse(payload);
        Assert.Equal("customer-7", claims.RootElement.Text("sub"));

        File.WriteAllText(_world.Folder.File("a.jwe"), WeightsJwe(claims.RootElement));
        var (opened, key) = Run("jose", ["jwe", "dec", "-i", _world.Folder.File("a.jwe"), "-k", _world.Folder.File("device.agreement.jwk")]);
        Assert.True(opened == 0, key);
        AssertIsTheKey(key);
    }

    [Fact]
    public void Unwrap_EncryptedByJwcrypto_Opens()
    {
        if (!File.Exists(Python) || Run(Python, ["-c", "import jwcrypto"]).ExitCode != 0)
        {
            Repository.Require("python3-jwcrypto is not installed");
        }

        const string Encrypt = """
            import sys
            from jwcrypto import jwe, jwk
            from jwcrypto.common import json_encode
            key = jwk.JWK.from_json(sys.argv[1])
            token = jwe.JWE(b'hello', json_encode({'alg': 'ECDH-ES', 'enc': 'A256GCM'}))
            token.add_recipient(key)
            print(token.serialize(compact=True))
            """;
        var (exitCode, token) = Run(Python, ["-c", Encrypt, _world.Device.AgreementKey.ToJson()]);
        Assert.True(exitCode == 0, token);
        var plaintext = new byte[16];
        Assert.Equal("hello"u8, plaintext.AsSpan(0, Jwe.Decrypt(token.Trim(), _world.Device, null, plaintext)));
    }

    private void Prepare()
    {
        File.WriteAllText(_world.Folder.File("a.license"), _world.Issue(_world.Request).TrimEnd());
        File.WriteAllText(_world.Folder.File("issuer.jwk"), _world.IssuerKey.SigningKey.ToJson());
        using var device = JsonDocument.Parse(File.ReadAllText(_world.Folder.File("device.key")));
        File.WriteAllText(_world.Folder.File("device.agreement.jwk"), device.RootElement.GetProperty("keys")[1].GetRawText());
    }

    private static string WeightsJwe(JsonElement claims) =>
        claims.GetProperty("keys").EnumerateArray().Single(key => key.Text("group") == "weights").Text("jwe");

    private void AssertIsTheKey(string jwk)
    {
        using var json = JsonDocument.Parse(jwk);
        using var expected = _world.Store.Open("digits.weights.1");
        Assert.Equal(("oct", "digits.weights.1"), (json.RootElement.Text("kty"), json.RootElement.Text("kid")));
        Assert.Equal(Base64UrlStrict.Encode(expected.Bytes), json.RootElement.Text("k"));
    }

    private static (int ExitCode, string Output) Run(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, process.ExitCode == 0 ? output : output + error.GetAwaiter().GetResult());
    }

    private const string Script = """
        import json, os, sys
        from jwcrypto import jwe, jwk, jws
        folder = sys.argv[1]
        def read(name):
            return open(os.path.join(folder, name)).read()
        token = jws.JWS()
        token.deserialize(read('a.license'), jwk.JWK.from_json(read('issuer.jwk')), alg='ES256')
        assert token.jose_header['typ'] == 'coffer-license+jwt'
        claims = json.loads(token.payload)
        wrapped = [k['jwe'] for k in claims['keys'] if k['group'] == 'weights'][0]
        sealed = jwe.JWE()
        sealed.deserialize(wrapped, jwk.JWK.from_json(read('device.agreement.jwk')))
        print(sealed.payload.decode())
        """;
}
