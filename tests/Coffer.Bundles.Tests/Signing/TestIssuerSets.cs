using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Coffer.Bundles;
using Microsoft.Extensions.Time.Testing;

namespace Coffer.Tests.Signing;

/// <summary>A publisher whose root is on P-256, two set keys, two issuers, and a clock that stands still.</summary>
internal sealed class TestIssuerSets : IDisposable
{
    public TestIssuerSets()
    {
        Root = PublisherCertificates.CreateRoot("acme", RootKey, clock: Clock);
        Publisher = new TrustedPublisher("acme", [Root], [new TrustedIssuer("shipped", JsonWebKey.FromECDsa(FirstIssuer))]);
        Trust = new TrustStore(Publisher);
        First = Sign(RootKey).Begin("acme", Draft());
        Second = Sign(SetKey).Continue(First, Draft() with { Issuers = [Issuer("north", FirstIssuer)], Keys = [JsonWebKey.FromECDsa(NextSetKey)] });
        Third = Sign(NextSetKey).Continue(Second, Draft() with { Issuers = [], Keys = [JsonWebKey.FromECDsa(NextSetKey)] });
    }

    public FakeTimeProvider Clock { get; } = new(TestPublisher.Now);

    public ECDsa RootKey { get; } = NewKey();

    public ECDsa SetKey { get; } = NewKey();

    public ECDsa NextSetKey { get; } = NewKey();

    public ECDsa FirstIssuer { get; } = NewKey();

    public ECDsa SecondIssuer { get; } = NewKey();

    public X509Certificate2 Root { get; }

    public TrustedPublisher Publisher { get; }

    /// <summary>Trusts the root and holds no set.</summary>
    public TrustStore Trust { get; }

    /// <summary>Version 1, by the root: issuers north and south, next key SetKey.</summary>
    public IssuerSetFile First { get; }

    /// <summary>And version 2, by SetKey: issuer north, next key NextSetKey.</summary>
    public IssuerSetFile Second { get; }

    /// <summary>And version 3, by NextSetKey: nobody licenses.</summary>
    public IssuerSetFile Third { get; }

    public static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static TrustedIssuer Issuer(string name, ECDsa key) => new(name, JsonWebKey.FromECDsa(key));

    public static IEnumerable<string> Names(TrustStore trust) => trust.Publishers["acme"].Issuers.Select(issuer => issuer.Name);

    public IssuerSetDraft Draft() => new()
    {
        Keys = [JsonWebKey.FromECDsa(SetKey)],
        Issuers = [Issuer("north", FirstIssuer), Issuer("south", SecondIssuer)],
    };

    public IssuerSetSigner Sign(ECDsa key) => new(key) { Clock = Clock };

    public TrustStore Update(TrustStore trust, IssuerSetFile file) => trust.Update(file, Clock);

    /// <summary>The error of an update; fails if it is accepted.</summary>
    public TrustError Refusal(TrustStore trust, IssuerSetFile file) => Assert.Throws<TrustException>(() => Update(trust, file)).Error;

    public void Dispose()
    {
        Root.Dispose();
        foreach (var key in new[] { RootKey, SetKey, NextSetKey, FirstIssuer, SecondIssuer })
        {
            key.Dispose();
        }
    }
}
