using System.Text;
using System.Text.Json;

namespace Coffer.Bundles;

/// <summary>
/// A publisher gives one content key to one license issuer: a JWS of type <c>coffer-grant+jwt</c>, signed by the publisher,
/// with the key wrapped to the issuer's agreement key. Only <see cref="Parse"/> with the publisher's key, and
/// <see cref="Create"/>, make one.
/// </summary>
public sealed class KeyGrant
{
    private const string Type = "coffer-grant+jwt";
    private const string Extension = ".grant";
    private const int MaxFileLength = 32 << 10;

    private readonly string _wrappedKey;
    private readonly string _token;

    private KeyGrant(string token, JsonElement claims)
    {
        _token = token;
        Publisher = Text(claims, "iss");
        Issuer = Text(claims, "sub");
        KeyId = Text(claims, "kid");
        _wrappedKey = Text(claims, "jwe");
        IssuedAt = DateTimeOffset.FromUnixTimeSeconds(claims.GetProperty("iat").GetInt64());
        if (!ContentKeyId.TryParse(KeyId, out var id) || KeyGroupName.Of(id.Group) != Text(claims, "group") || !ContentKeyId.IsName(Issuer))
        {
            throw new FormatException("Its key id, group or issuer is not one.");
        }

        Group = id.Group;
    }

    /// <summary>Who gives: <c>iss</c>.</summary>
    public string Publisher { get; }

    /// <summary>Who may license with the key: <c>sub</c>.</summary>
    public string Issuer { get; }

    /// <summary>The content key's id: <c>kid</c>.</summary>
    public string KeyId { get; }

    /// <summary>Which parts the key opens: <c>group</c>.</summary>
    public PartGroup Group { get; }

    /// <summary>When, by the publisher's clock: <c>iat</c>.</summary>
    public DateTimeOffset IssuedAt { get; }

    /// <summary>Gives a content key of the store to an issuer.</summary>
    /// <param name="publisher">The publisher's name.</param>
    /// <param name="store">The publisher's content keys; its key signs.</param>
    /// <param name="keyId">Which content key.</param>
    /// <param name="issuer">The issuer's name, as a <see cref="TrustedIssuer"/> has it: letters, digits, dots, dashes, underscores.</param>
    /// <param name="recipient">The issuer's public side.</param>
    /// <param name="clock">For <see cref="IssuedAt"/>; the system's where null.</param>
    /// <exception cref="KeyException"><see cref="KeyError.NotFound"/>: the store has no such key; or as the store's files are read.</exception>
    public static KeyGrant Create(string publisher, ContentKeyStore store, string keyId, string issuer, Recipient recipient, TimeProvider? clock = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(publisher);
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(recipient);
        if (!ContentKeyId.IsName(issuer))
        {
            throw new ArgumentException($"'{CompactToken.Shown(issuer)}' is not an issuer's name: letters, digits, dots, dashes and underscores, at most 96.", nameof(issuer));
        }

        using var key = store.Open(keyId);
        _ = ContentKeyId.TryParse(keyId, out var id);
        var wrapped = WrappedContentKey.Wrap(key, recipient.AgreementKey);
        var payload = StrictJson.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("iss", publisher);
            writer.WriteString("sub", issuer);
            writer.WriteString("kid", keyId);
            writer.WriteString("group", KeyGroupName.Of(id.Group));
            writer.WriteString("jwe", wrapped);
            writer.WriteNumber("iat", (clock ?? TimeProvider.System).GetUtcNow().ToUnixTimeSeconds());
            writer.WriteEndObject();
        });
        return Parse(Jws.Sign(Type, payload.WrittenSpan, store.Publisher), store.Publisher.SigningKey);
    }

    /// <summary>Reads a grant and checks the publisher's signature.</summary>
    /// <exception cref="KeyException"><see cref="KeyError.Malformed"/>: not a grant, or not signed by that key.</exception>
    public static KeyGrant Parse(string text, JsonWebKey publisher)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(publisher);
        try
        {
            var token = text.TrimEnd('\r', '\n');
            var jws = Jws.Parse(token, Type);
            return jws.Verify(publisher)
                ? StrictJson.Read(jws.Payload, claims => new KeyGrant(token, claims))
                : throw Refused("it is not signed by that publisher");
        }
        catch (JoseException e)
        {
            throw Refused(e.Message);
        }
        catch (Exception e) when (e is FormatException or KeyNotFoundException or ArgumentOutOfRangeException)
        {
            throw Refused("a claim is missing or not of the required form");
        }
    }

    /// <summary>Reads a file, as <see cref="Parse"/>.</summary>
    /// <exception cref="KeyException"><see cref="KeyError.NotFound"/> or <see cref="KeyError.Malformed"/>.</exception>
    public static KeyGrant Load(string path, JsonWebKey publisher)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Parse(Encoding.UTF8.GetString(KeyStorage.ReadPublic(path, MaxFileLength, "Ask the publisher for a grant of that content key.")), publisher);
    }

    /// <summary>Reads every <c>*.grant</c> of a folder; none where there is no folder.</summary>
    /// <exception cref="KeyException"><see cref="KeyError.Malformed"/>: one of them is not signed by that publisher.</exception>
    public static IReadOnlyList<KeyGrant> FromDirectory(string path, JsonWebKey publisher)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Directory.Exists(path)
            ? [.. Directory.GetFiles(path, "*" + Extension).Order(StringComparer.Ordinal).Select(file => Load(file, publisher))]
            : [];
    }

    /// <summary>Writes <c>KID.ISSUER.grant</c> into a folder and returns its path; one that is there is replaced.</summary>
    public string Save(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _ = Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"{KeyId}.{Issuer}{Extension}");
        File.WriteAllText(path, _token + "\n");
        return path;
    }

    /// <summary>The compact token.</summary>
    public string ToToken() => _token;

    /// <summary>What is given to whom; nothing secret.</summary>
    public override string ToString() => $"KeyGrant {KeyId} from {Publisher} to {Issuer}";

    /// <exception cref="KeyException"><see cref="KeyError.UnwrapFailed"/>: the grant is for another issuer's key.</exception>
    internal ContentKey Open(IDeviceKey issuer) => WrappedContentKey.Unwrap(_wrappedKey, KeyId, issuer);

    private static string Text(JsonElement claims, string name) => claims.GetProperty(name).GetString() ?? throw new FormatException("A claim is null.");

    private static KeyException Refused(string why) =>
        new(KeyError.Malformed, $"The grant is refused: {why}. Ask the publisher for a new one.");
}
