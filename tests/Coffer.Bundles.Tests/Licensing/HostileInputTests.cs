using System.Text;
using Coffer.Bundles;

namespace Coffer.Tests.Licensing;

/// <summary>Whatever comes in, only the typed refusals come out: claims and headers are read before a signature says anything about them.</summary>
public sealed class HostileInputTests : IDisposable
{
    private readonly LicensingWorld _world = new();
    private readonly int _seed = Environment.TickCount;

    public void Dispose() => _world.Dispose();

    private static int Rounds => Environment.GetEnvironmentVariable("CI_FULL") == "1" ? 200_000 : 5_000;

    [Fact]
    public void Parse_MutatedLicensePayload_GivesLicenseOrLicenseException()
    {
        var parts = _world.Issue(_world.Request with { Calls = 5, Audience = "a" }).TrimEnd().Split('.');
        var payload = Base64UrlStrict.Decode(parts[1]);
        Mutate(payload, changed =>
        {
            var text = $"{parts[0]}.{Base64UrlStrict.Encode(changed)}.{parts[2]}";
            AssertOnly<LicenseException>(() => License.Parse(text).Verify(_world.Trust));
        });
    }

    [Fact]
    public void Parse_MutatedTokenText_GivesLicenseOrLicenseException() =>
        Mutate(Encoding.ASCII.GetBytes(_world.Issue(_world.Request)), changed => AssertOnly<LicenseException>(() => License.Parse(Encoding.Latin1.GetString(changed))));

    [Fact]
    public void Parse_MutatedPublicFile_GivesRecipientOrKeyException()
    {
        _world.Device.Recipient.Save(_world.Folder.File("device.jwk"));
        Mutate(File.ReadAllBytes(_world.Folder.File("device.jwk")), changed => AssertOnly<KeyException>(() => Recipient.Parse(changed)));
    }

    [Fact]
    public void Decrypt_MutatedHeader_GivesTypedRefusal()
    {
        var parts = Jwe.Encrypt("secret"u8, _world.Device.AgreementKey, null).Split('.');
        var header = Base64UrlStrict.Decode(parts[0]);
        Mutate(header, changed =>
        {
            var text = string.Join('.', [Base64UrlStrict.Encode(changed), .. parts[1..]]);
            var e = Record.Exception(() => Jwe.Decrypt(text, _world.Device, null, new byte[16]));
            Assert.True(e is JoseException or KeyException || changed.AsSpan().SequenceEqual(header), $"seed {_seed}: {e}");
        });
    }

    private void Mutate(byte[] original, Action<byte[]> use)
    {
        var random = new Random(_seed);
        byte[] interesting = [0, (byte)'"', (byte)'{', (byte)'}', (byte)'[', (byte)']', (byte)',', (byte)':', (byte)'\\', (byte)'0', (byte)'9', (byte)'-', (byte)'e', (byte)'.', 0xC3, 0xED, 0xFF];
        for (var round = 0; round < Rounds; round++)
        {
            var changed = original.ToList();
            for (var i = random.Next(1, 4); i > 0; i--)
            {
                var at = random.Next(changed.Count);
                var value = interesting[random.Next(interesting.Length)];
                switch (random.Next(4))
                {
                    case 0:
                        changed[at] = value;
                        break;
                    case 1:
                        changed.Insert(at, value);
                        break;
                    case 2:
                        changed.RemoveRange(at, Math.Min(random.Next(1, 9), changed.Count - at));
                        break;
                    default:
                        changed[at] ^= (byte)(1 << random.Next(8));
                        break;
                }

                if (changed.Count == 0)
                {
                    changed.Add(value);
                }
            }

            use([.. changed]);
        }
    }

    private void AssertOnly<T>(Action action)
        where T : Exception
    {
        var e = Record.Exception(action);
        Assert.True(e is null or T, $"seed {_seed}: {e}");
    }
}
