using System.Security.Cryptography;
using Coffer.Bundles;
using Coffer.Keys.Pkcs11;
using Net.Pkcs11Interop.Common;

namespace Coffer.Tests;

public sealed class Pkcs11DeviceKeyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Pkcs11Options _options = SoftHsm.NewOptions();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Generate_NewLabels_MakesPrivateKeysThatStayInTheToken()
    {
        using var key = Pkcs11DeviceKey.Generate(_options);

        SoftHsm.Use(session =>
        {
            foreach (var (label, sign, derive) in new[] { (_options.SigningKeyLabel, true, false), (_options.AgreementKeyLabel, false, true) })
            {
                var attributes = session.Factories.ObjectAttributeFactory;
                var handle = Assert.Single(session.FindAllObjects([attributes.Create(CKA.CKA_CLASS, CKO.CKO_PRIVATE_KEY), attributes.Create(CKA.CKA_LABEL, label)]));
                var values = session.GetAttributeValue(handle, [CKA.CKA_SENSITIVE, CKA.CKA_EXTRACTABLE, CKA.CKA_NEVER_EXTRACTABLE, CKA.CKA_PRIVATE, CKA.CKA_SIGN, CKA.CKA_DERIVE, CKA.CKA_DECRYPT]);
                Assert.Equal([true, false, true, true, sign, derive, false], values.Select(value => value.GetValueAsBool()));
            }
        });
    }

    [Fact]
    public void Open_GeneratedKeys_AreTheSame()
    {
        var options = _options with { LedgerPath = _folder.File("device.ledger") };
        using var made = Pkcs11DeviceKey.Generate(options);
        using var opened = Pkcs11DeviceKey.Open(options);

        Assert.Equal(Recipient.Of(made), Recipient.Of(opened));
        Assert.NotNull(opened.Ledger);
        Assert.Equal(Derive(made), Derive(opened));
    }

    [Fact]
    public void Generate_LabelInUse_ThrowsAlreadyExistsAndKeepsTheKey()
    {
        using var first = Pkcs11DeviceKey.Generate(_options);

        AssertFails(KeyError.AlreadyExists, () => Pkcs11DeviceKey.Generate(_options));
        AssertFails(KeyError.AlreadyExists, () => Pkcs11DeviceKey.Generate(_options with { SigningKeyLabel = "another" }));
        using var opened = Pkcs11DeviceKey.Open(_options);
        Assert.Equal(first.SigningKey, opened.SigningKey);
    }

    [Fact]
    public void Generate_LedgerInTheWay_ThrowsAlreadyExistsAndLeavesNoKeys()
    {
        var options = _options with { LedgerPath = _folder.File("device.ledger") };
        File.WriteAllText(options.LedgerPath!, "");

        AssertFails(KeyError.AlreadyExists, () => Pkcs11DeviceKey.Generate(options));
        Assert.Equal(0, ObjectsLabelled(options.SigningKeyLabel) + ObjectsLabelled(options.AgreementKeyLabel));
    }

    [Fact]
    public void Open_LedgerOfAnotherKey_ThrowsLedgerTampered()
    {
        var path = _folder.File("device.ledger");
        Pkcs11DeviceKey.Generate(_options with { LedgerPath = path }).Dispose();
        var other = SoftHsm.NewOptions();
        Pkcs11DeviceKey.Generate(other).Dispose();

        var e = Assert.Throws<LicenseException>(() => Pkcs11DeviceKey.Open(other with { LedgerPath = path }));
        Assert.Equal(LicenseError.LedgerTampered, e.Error);
    }

    [Fact]
    public void Open_NoSuchKey_ThrowsNotFound() =>
        Assert.Contains(_options.SigningKeyLabel, AssertFails(KeyError.NotFound, () => Pkcs11DeviceKey.Open(_options)).Message, StringComparison.Ordinal);

    [Fact]
    public void Open_NoSuchToken_ThrowsNotFound()
    {
        AssertFails(KeyError.NotFound, () => Pkcs11DeviceKey.Open(_options with { TokenLabel = "nobody's" }));
        AssertFails(KeyError.NotFound, () => Pkcs11DeviceKey.Open(_options with { TokenSerial = "0000" }));
    }

    [Fact]
    public void Open_NoSuchLibrary_ThrowsNotFound()
    {
        AssertFails(KeyError.NotFound, () => Pkcs11DeviceKey.Open(_options with { LibraryPath = _folder.File("none.so") }));
        AssertFails(KeyError.NotFound, () => Pkcs11DeviceKey.Open(_options with { LibraryPath = "libsofthsm2.so" }));
    }

    [Fact]
    public void Open_FileThatIsNoLibrary_ThrowsUnavailable()
    {
        File.WriteAllText(_folder.File("text.so"), "text");
        AssertFails(KeyError.Unavailable, () => Pkcs11DeviceKey.Open(_options with { LibraryPath = _folder.File("text.so") }));
    }

    [Fact]
    public void Open_AnyPin_ClearsTheArray()
    {
        var pin = SoftHsm.Pin.ToCharArray();
        Pkcs11DeviceKey.Generate(_options with { Pin = () => pin }).Dispose();
        Assert.All(pin, c => Assert.Equal('\0', c));
    }

    [Fact]
    public void Open_TwoKeysOfOneLabel_ThrowsMalformed()
    {
        Pkcs11DeviceKey.Generate(_options).Dispose();
        SoftHsm.Use(session => Pkcs11KeyPair.Generate(session, _options.SigningKeyLabel, KeyUse.Signature));
        AssertFails(KeyError.Malformed, () => Pkcs11DeviceKey.Open(_options));
    }

    [Fact]
    public void Open_OneLabelForBoth_ThrowsArgumentException() =>
        Assert.Throws<ArgumentException>(() => Pkcs11DeviceKey.Open(_options with { AgreementKeyLabel = _options.SigningKeyLabel }));

    [Fact]
    public void Unwrap_SharedSecretWithLeadingZero_KeepsItsLength()
    {
        using var key = Pkcs11DeviceKey.Generate(_options);
        using var agreement = key.AgreementKey.CreateECDiffieHellman();
        for (var tries = 0; tries < 10_000; tries++)
        {
            using var ephemeral = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
            var expected = ephemeral.DeriveRawSecretAgreement(agreement.PublicKey);
            if (expected[0] == 0)
            {
                var material = new byte[32];
                key.Unwrap(KeyEnvelope.EcdhEs(JsonWebKey.FromECDiffieHellman(ephemeral)), material);
                Assert.Equal(expected, material);
                return;
            }
        }

        Assert.Fail("No shared secret began with a zero byte.");
    }

    [Fact]
    public void Unwrap_RsaKey_ReadsItAndSaysThatTheTokenLacksOaep256()
    {
        Pkcs11DeviceKey.Generate(_options).Dispose();
        var options = _options with { AgreementKeyLabel = _options.AgreementKeyLabel + "-rsa" };
        GenerateRsa(options.AgreementKeyLabel);
        using var key = Pkcs11DeviceKey.Open(options);
        using var content = ContentKey.Generate("model.weights.1");

        Assert.False(key.AgreementKey.IsEllipticCurve);
        var e = AssertFails(KeyError.UnsupportedKey, () => WrappedContentKey.Unwrap(WrappedContentKey.Wrap(content, key.AgreementKey), content.Id, key));
        Assert.Contains("RSA-OAEP", e.Message, StringComparison.Ordinal);
        AssertFails(KeyError.UnsupportedKey, () => key.DeriveLocalSecret("a", new byte[32]));
    }

    [Fact]
    public void Operations_LeaveNoObjectInTheToken()
    {
        using var key = Pkcs11DeviceKey.Generate(_options);
        _ = Derive(key);
        SoftHsm.Use(session => Assert.Empty(session.FindAllObjects([session.Factories.ObjectAttributeFactory.Create(CKA.CKA_CLASS, CKO.CKO_SECRET_KEY)])));
    }

    [Fact]
    public void Operations_AfterDisposal_ThrowAndLeaveOtherKeysOpen()
    {
        using var other = Pkcs11DeviceKey.Generate(SoftHsm.NewOptions());
        var key = Pkcs11DeviceKey.Generate(_options);
        key.Dispose();
        key.Dispose();

        Assert.Throws<ObjectDisposedException>(() => key.Sign([], new byte[64]));
        other.Sign([], new byte[64]);
    }

    [Fact]
    public void ToString_OfKeyAndOptions_ShowsNoPin()
    {
        using var key = Pkcs11DeviceKey.Generate(_options);
        Assert.DoesNotContain(SoftHsm.Pin, key.ToString() + _options, StringComparison.Ordinal);
    }

    [Fact]
    public void CreateSigner_DigestsOfAnyLength_AreVerifiedByDotNet()
    {
        using var key = Pkcs11DeviceKey.Generate(_options);
        using var signer = key.CreateSigner();
        using var verifier = ECDsa.Create();
        verifier.ImportSubjectPublicKeyInfo(signer.ExportSubjectPublicKeyInfo(), out _);

        Assert.Equal(256, signer.KeySize);
        foreach (var hash in new[] { HashAlgorithmName.SHA256, HashAlgorithmName.SHA384, HashAlgorithmName.SHA512 })
        {
            var signature = signer.SignData("data"u8.ToArray(), hash);
            Assert.True(verifier.VerifyData("data"u8, signature, hash));
            Assert.True(signer.VerifyData("data"u8, signature, hash));
            Assert.True(EcdsaLowS.IsLow(signature, P256.KeySize));
            Assert.False(signer.VerifyData("date"u8, signature, hash));
        }

        Assert.Throws<CryptographicException>(() => signer.ExportParameters(includePrivateParameters: true));
    }

    private static byte[] Derive(Pkcs11DeviceKey key)
    {
        var secret = new byte[32];
        key.DeriveLocalSecret("label", secret);
        return secret;
    }

    private static KeyException AssertFails(KeyError error, Action action)
    {
        var e = Assert.Throws<KeyException>(action);
        Assert.True(e.Error == error, e.ToString());
        Assert.DoesNotContain(SoftHsm.Pin, e.ToString(), StringComparison.Ordinal);
        return e;
    }

    private static int ObjectsLabelled(string label)
    {
        var count = 0;
        SoftHsm.Use(session => count = session.FindAllObjects([session.Factories.ObjectAttributeFactory.Create(CKA.CKA_LABEL, label)]).Count);
        return count;
    }

    private static void GenerateRsa(string label) => SoftHsm.Use(session =>
    {
        var attributes = session.Factories.ObjectAttributeFactory;
        using var mechanism = session.Factories.MechanismFactory.Create(CKM.CKM_RSA_PKCS_KEY_PAIR_GEN);
        byte[] id = [1, 2, 3];
        session.GenerateKeyPair(
            mechanism,
            [attributes.Create(CKA.CKA_TOKEN, true), attributes.Create(CKA.CKA_ID, id), attributes.Create(CKA.CKA_MODULUS_BITS, 2048), attributes.Create(CKA.CKA_PUBLIC_EXPONENT, [1, 0, 1])],
            [attributes.Create(CKA.CKA_TOKEN, true), attributes.Create(CKA.CKA_ID, id), attributes.Create(CKA.CKA_LABEL, label), attributes.Create(CKA.CKA_DECRYPT, true)],
            out _,
            out _);
    });
}
