using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Coffer.Bundles;

/// <summary>JSON of keys and tokens: no duplicate names, no comments, shallow; one kind of failure.</summary>
internal static class StrictJson
{
    // 9999-12-31T23:59:59Z.
    private const long LastSecond = 253402300799;

    private static readonly JsonDocumentOptions Reading = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    // The default encoder writes '+' as \u002B, which is for HTML; tokens are read by people and other libraries.
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads a JSON object without copying its bytes, so that a secret stays in the caller's memory.</summary>
    /// <exception cref="FormatException">The bytes are not such JSON, or <paramref name="read"/> met a value of another kind.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> utf8, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, Reading);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? read(document.RootElement)
                : throw new FormatException("It is not a JSON object.");
        }
        catch (JsonException)
        {
            // The cause would quote the text, which may be a private key.
            throw new FormatException("It is not JSON, or a name is there twice.");
        }
        catch (InvalidOperationException)
        {
            throw new FormatException("A value is not of the required kind, or its text is not UTF-8.");
        }
    }

    public static ArrayBufferWriter<byte> Write(Action<Utf8JsonWriter> write)
    {
        // Large enough for two private keys: a buffer that grows would leave a copy behind.
        var buffer = new ArrayBufferWriter<byte>(8192);
        using var writer = new Utf8JsonWriter(buffer, Writing);
        write(writer);
        writer.Flush();
        return buffer;
    }

    /// <summary>A NumericDate of RFC 7519 §2 in whole seconds, from 1970 to the end of the year 9999.</summary>
    public static bool TryTime(JsonElement element, out DateTimeOffset time)
    {
        var isTime = element.TryGetInt64(out var seconds) && seconds is >= 0 and <= LastSecond;
        time = isTime ? DateTimeOffset.FromUnixTimeSeconds(seconds) : default;
        return isTime;
    }

    /// <summary>Decodes a base64url string into the caller's memory, without a managed string on the way.</summary>
    public static bool TryDecode(JsonElement element, Span<byte> destination, out int written)
    {
        written = 0;
        if (element.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        var quoted = JsonMarshal.GetRawUtf8Value(element);
        return Base64UrlStrict.TryDecode(quoted[1..^1], destination, out written);
    }
}
