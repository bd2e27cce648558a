using System.Security.Cryptography;
using System.Text.Json;

namespace Coffer.Bundles;

/// <summary>
/// A content key as an encrypted JWK (RFC 7517 §7): a JWE whose plaintext is <c>{"kty":"oct","kid":…,"k":…}</c>. The key id
/// is inside, so that a wrapped key can't be passed off under another id.
/// </summary>
internal static class WrappedContentKey
{
    private const string ContentType = "jwk+json";
    private const int MaxPlaintext = 512;

    public static string Wrap(ContentKey key, JsonWebKey recipient)
    {
        var json = StrictJson.Write(writer =>
        {
            Span<byte> encoded = stackalloc byte[43];
            _ = System.Buffers.Text.Base64Url.EncodeToUtf8(key.Bytes, encoded);
            writer.WriteStartObject();
            writer.WriteString("kty", "oct");
            writer.WriteString("kid", key.Id);
            writer.WriteString("k", encoded);
            writer.WriteEndObject();
            CryptographicOperations.ZeroMemory(encoded);
        });
        try
        {
            return Jwe.Encrypt(json.WrittenSpan, recipient, ContentType);
        }
        finally
        {
            json.Clear();
        }
    }

    /// <exception cref="KeyException"><see cref="KeyError.UnwrapFailed"/>: for another recipient, another key id, or altered.</exception>
    public static ContentKey Unwrap(string wrapped, string keyId, IDeviceKey recipient)
    {
        var plaintext = GC.AllocateArray<byte>(MaxPlaintext, pinned: true);
        try
        {
            var length = Jwe.Decrypt(wrapped, recipient, ContentType, plaintext);
            return StrictJson.Read(plaintext.AsMemory(0, length), json => Read(json, keyId));
        }
        catch (JoseException e)
        {
            throw new KeyException(KeyError.UnwrapFailed, $"The wrapped content key '{keyId}' is refused: {e.Message}. Ask for it to be issued again.");
        }
        catch (FormatException)
        {
            throw new KeyException(KeyError.UnwrapFailed, $"What is wrapped is not the content key '{keyId}'. Ask for it to be issued again.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    private static ContentKey Read(JsonElement json, string keyId)
    {
        Span<byte> key = stackalloc byte[ContentKey.Size];
        try
        {
            return json.TryGetProperty("kty", out var type) && type.ValueEquals("oct")
                && json.TryGetProperty("kid", out var id) && id.ValueEquals(keyId)
                && json.TryGetProperty("k", out var value) && StrictJson.TryDecode(value, key, out var written) && written == key.Length
                    ? new ContentKey(keyId, key)
                    : throw new FormatException("It is not that content key.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }
}
