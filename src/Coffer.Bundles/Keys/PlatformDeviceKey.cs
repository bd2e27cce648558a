using System.Text;

namespace Coffer.Bundles;

/// <summary>
/// A device key behind .NET's own key types, in a store of the operating system: both keys on P-256, and where the store keeps
/// them to itself they never enter this process. Safe for concurrent use.
/// </summary>
/// <remarks>
/// <see cref="DeriveLocalSecret"/> is HKDF-SHA-256 of the ECDH between the agreement key and its own public half: a store computes
/// it on every start, and telling it from outside is the Diffie-Hellman problem.
/// </remarks>
public abstract class PlatformDeviceKey : IDeviceKey
{
    private readonly EcKeyPair _keys;
    private readonly byte[] _salt;
    private readonly string _place;

    /// <param name="keys">Both keys; owned from here on.</param>
    /// <param name="place">Where they are, for messages.</param>
    /// <param name="salt">Names the kind of key where secrets are derived; ASCII.</param>
    private protected PlatformDeviceKey(EcKeyPair keys, string place, string salt)
    {
        _keys = keys;
        _place = place;
        _salt = Encoding.ASCII.GetBytes(salt);
    }

    /// <inheritdoc/>
    public JsonWebKey SigningKey => _keys.SigningKey;

    /// <inheritdoc/>
    public JsonWebKey AgreementKey => _keys.AgreementKey;

    /// <inheritdoc/>
    public UsageLedger? Ledger { get; private set; }

    /// <inheritdoc/>
    /// <remarks><see cref="KeyError.Unavailable"/> where the store fails.</remarks>
    public void Unwrap(in KeyEnvelope envelope, Span<byte> keyMaterial) => _keys.Unwrap(envelope, keyMaterial);

    /// <inheritdoc/>
    /// <exception cref="KeyException"><see cref="KeyError.Unavailable"/>: the store fails.</exception>
    public void Sign(ReadOnlySpan<byte> data, Span<byte> signature) => _keys.Sign(data, signature);

    /// <inheritdoc/>
    /// <exception cref="KeyException"><see cref="KeyError.Unavailable"/>: the store fails.</exception>
    public void DeriveLocalSecret(string label, Span<byte> secret) => _keys.DeriveLocalSecret(_salt, label, secret);

    /// <summary>Closes the keys; they stay in their store. An <see cref="Entitlement"/> that was made with this key stays valid.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>The store and the thumbprint of the signing key; nothing secret.</summary>
    public override string ToString() => $"{GetType().Name} {SigningKey.Thumbprint} in {_place}";

    private protected virtual void Dispose(bool disposing)
    {
        Ledger?.Dispose();
        _keys.Dispose();
    }

    /// <summary>Opens the ledger, or makes it together with new keys.</summary>
    private protected void AttachLedger(string? path, bool isNew) =>
        Ledger = path is null ? null : isNew ? UsageLedger.Create(path, this) : UsageLedger.Open(path, this);
}
