using System.Security.Cryptography;
using Coffer.Bundles;

namespace Coffer.Tests.Keys;

/// <summary>What every device key must do. Derive a class for each implementation.</summary>
public abstract class DeviceKeyConformance : IDisposable
{
    private readonly Lazy<IDeviceKey> _key;

    protected DeviceKeyConformance() => _key = new(() => Create());

    private IDeviceKey Key => _key.Value;

    /// <summary>A key of its own for each call.</summary>
    protected abstract IDeviceKey Create();

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void PublicKeys_OfAnyKey_AreOfAllowedTypesAndDiffer()
    {
        Assert.True(Key.SigningKey.IsEllipticCurve);
        Assert.NotEqual(Key.SigningKey, Key.AgreementKey);
        Assert.Equal(Key.SigningKey, JsonWebKey.Parse(System.Text.Encoding.UTF8.GetBytes(Key.SigningKey.ToJson())));
        Assert.Equal(Key.AgreementKey, JsonWebKey.Parse(System.Text.Encoding.UTF8.GetBytes(Key.AgreementKey.ToJson())));
    }

    [Fact]
    public void Sign_ManyTimes_VerifiesWithLowS()
    {
        var signature = new byte[64];
        for (var i = 0; i < 32; i++)
        {
            byte[] data = [.. "message "u8, (byte)i];
            Key.Sign(data, signature);

            Assert.True(EcdsaLowS.IsLow(signature, P256.KeySize));
            Assert.True(Es256.Verify(Key.SigningKey, data, signature));
            Assert.False(Es256.Verify(Key.SigningKey, [.. data, 0], signature));
        }
    }

    [Fact]
    public void Unwrap_OwnEnvelope_OpensWhatWasWrapped()
    {
        using var content = ContentKey.Generate("model.weights.1");
        using var opened = WrappedContentKey.Unwrap(WrappedContentKey.Wrap(content, Key.AgreementKey), content.Id, Key);
        Assert.Equal(content.Bytes, opened.Bytes);
    }

    [Fact]
    public void Unwrap_EnvelopeForAnotherKey_ThrowsUnwrapFailed()
    {
        using var other = Create();
        using var content = ContentKey.Generate("model.weights.1");
        var wrapped = WrappedContentKey.Wrap(content, other.AgreementKey);

        var e = Assert.Throws<KeyException>(() => WrappedContentKey.Unwrap(wrapped, content.Id, Key));
        Assert.Equal(KeyError.UnwrapFailed, e.Error);
    }

    [Fact]
    public void Unwrap_EnvelopeOfTheOtherAlgorithm_ThrowsAndClears()
    {
        using var ephemeral = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var envelope = Key.AgreementKey.IsEllipticCurve
            ? KeyEnvelope.RsaOaep256(new byte[256])
            : KeyEnvelope.EcdhEs(JsonWebKey.FromECDiffieHellman(ephemeral));
        var material = Enumerable.Repeat((byte)7, 32).ToArray();

        var e = Assert.Throws<KeyException>(() => Key.Unwrap(envelope, material));
        Assert.Equal(KeyError.UnsupportedKey, e.Error);
        Assert.All(material, b => Assert.Equal(0, b));
    }

    [Fact]
    public void DeriveLocalSecret_SameAndOtherLabels_IsStableAndSeparated()
    {
        using var other = Create();
        byte[] Derive(IDeviceKey key, string label)
        {
            var secret = new byte[32];
            key.DeriveLocalSecret(label, secret);
            return secret;
        }

        Assert.Equal(Derive(Key, "a"), Derive(Key, "a"));
        Assert.NotEqual(Derive(Key, "a"), Derive(Key, "b"));
        Assert.NotEqual(Derive(Key, "a"), Derive(other, "a"));
    }

    [Fact]
    public async Task Use_FromManyThreads_GivesRightAnswers()
    {
        using var content = ContentKey.Generate("model.weights.1");
        var wrapped = WrappedContentKey.Wrap(content, Key.AgreementKey);
        var expected = content.Bytes.ToArray();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(
            () =>
            {
                var signature = new byte[64];
                byte[] data = [(byte)i];
                Key.Sign(data, signature);
                Assert.True(Es256.Verify(Key.SigningKey, data, signature));
                using var opened = WrappedContentKey.Unwrap(wrapped, content.Id, Key);
                Assert.Equal(expected, opened.Bytes.ToArray());
            },
            TestContext.Current.CancellationToken)));
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing && _key.IsValueCreated)
        {
            Key.Dispose();
        }
    }
}
