using System.Text;
using Coffer.Bundles;
using Coffer.Corpus;

namespace Coffer.Fuzz.Targets;

/// <summary>Files of keys: private ones, public ones, single public keys, grants.</summary>
internal sealed class KeyTarget : IFuzzTarget, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("coffer-").FullName;

    public KeyTarget()
    {
        KeyStorage.CreatePrivate(Path, []);
        Seeds =
        [
            Private(),
            Encoding.UTF8.GetBytes($$"""{"keys":[{{PlatformKey.Device.SigningKey.ToJson()}},{{PlatformKey.Device.AgreementKey.ToJson()}}],"ledger":"ledger-1"}"""),
            Encoding.UTF8.GetBytes(PlatformKey.Device.SigningKey.ToJson()),
            Encoding.UTF8.GetBytes($$"""{"kty":"RSA","n":"{{Base64UrlStrict.Encode([0xC0, .. new byte[254], 1])}}","e":"AQAB","key_ops":["wrapKey"]}"""),
            Encoding.UTF8.GetBytes(Grant),
            Encoding.UTF8.GetBytes(Jws.Sign("coffer-grant+jwt", Encoding.UTF8.GetBytes(Grant), PlatformKey.Publisher)),
        ];
    }

    public string Name => "key";

    public IReadOnlyList<byte[]> Seeds { get; }

    private static string Grant => $$"""{"iss":"acme","sub":"acme-licenses","kid":"{{CorpusContentKeys.Weights}}","group":"weights","jwe":"{{CorpusLicenses.Wrap(CorpusContentKeys.Weights, PlatformKey.Issuer.AgreementKey)}}","iat":1780315200}""";

    private string Path => System.IO.Path.Combine(_folder, "a.key");

    public void Run(byte[] input)
    {
        Use(() => Recipient.Parse(input));
        Use(() =>
        {
            using var key = JsonWebKey.Parse(input) is { IsEllipticCurve: true } curve ? (IDisposable)curve.CreateECDsa() : JsonWebKey.Parse(input).CreateRsa();
        });
        Use(() => KeyGrant.Parse(Encoding.UTF8.GetString(input), PlatformKey.Publisher.SigningKey).Open(PlatformKey.Issuer).Dispose());
        Use(() => KeyGrant.Parse(Jws.Sign("coffer-grant+jwt", input, PlatformKey.Publisher), PlatformKey.Publisher.SigningKey).Open(PlatformKey.Issuer).Dispose());
        File.WriteAllBytes(Path, input);
        Use(() =>
        {
            using var key = KeyFile.Load(Path);
            key.Sign(input, new byte[Es256.SignatureSize]);
        });
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void Use(Action action)
    {
        try
        {
            action();
        }
        catch (KeyException)
        {
        }
    }

    private static byte[] Private()
    {
        string Key(string name, string use)
        {
            var key = DeterministicEcdsa.Named(name).ExportParameters(includePrivateParameters: true);
            return $$"""{"kty":"EC","crv":"P-256","x":"{{Base64UrlStrict.Encode(key.Q.X)}}","y":"{{Base64UrlStrict.Encode(key.Q.Y)}}","use":"{{use}}","d":"{{Base64UrlStrict.Encode(key.D)}}"}""";
        }

        return Encoding.UTF8.GetBytes($$"""{"keys":[{{Key("device signing", "sig")}},{{Key("device agreement", "enc")}}],"ledger":"ledger-1"}""");
    }
}
