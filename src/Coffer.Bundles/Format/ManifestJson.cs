using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Coffer.Bundles;

/// <summary>The manifest's JSON (FORMAT.md §3): UTF-8, no duplicate names, everything in it within the format's bounds.</summary>
internal static class ManifestJson
{
    /// <summary>What every JSON reader holds exactly (RFC 8259 §6).</summary>
    public const long MaxNumber = (1L << 53) - 1;

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    public static byte[] Write(BundleManifest manifest)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("publisher", manifest.Publisher);
        json.WriteString("id", manifest.Id);
        json.WriteString("version", manifest.Version.ToString());
        json.WriteNumber("sequence", manifest.Sequence);
        json.WriteString("instance", Convert.ToHexStringLower(manifest.Instance.Span));
        json.WriteString("task", manifest.Task);
        json.WriteString("created", manifest.Created.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
        json.WriteString("minSdk", manifest.MinSdk.ToString());
        json.WriteString("timestamp", manifest.TimestampRequired ? "required" : "none");
        json.WriteStartObject("keys");
        foreach (var (group, keyId) in manifest.KeyIds.OrderBy(pair => pair.Key))
        {
            json.WriteString(GroupName(group), keyId);
        }

        json.WriteEndObject();
        json.WriteStartArray("parts");
        foreach (var part in manifest.Parts)
        {
            json.WriteStartObject();
            json.WriteString("name", part.Name);
            json.WriteString("group", GroupName(part.Group));
            json.WriteNumber("offset", part.Offset);
            json.WriteNumber("length", part.Length);
            json.WriteString("digest", Convert.ToHexStringLower(part.Digest.Span));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="BundleException">The JSON is not a manifest of this version.</exception>
    public static BundleManifest Read(ReadOnlyMemory<byte> utf8, BundleLimits limits)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(utf8, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 8 });
        }
        catch (JsonException e)
        {
            throw Reject($"it is not JSON without duplicate names ({e.Message})", e);
        }
        catch (InvalidOperationException e)
        {
            // A name with half a surrogate pair: comparing names unescapes them.
            throw Reject("a name in it is not UTF-8", e);
        }

        using (document)
        {
            try
            {
                return Read(document.RootElement, limits);
            }
            catch (InvalidOperationException e)
            {
                // JsonElement: text that is not UTF-8 inside a string.
                throw Reject("a string in it is not UTF-8", e);
            }
        }
    }

    private static BundleManifest Read(JsonElement root, BundleLimits limits)
    {
        RequireKind(root, JsonValueKind.Object, "the manifest");
        RefuseUnknownRequirements(root);
        RequireSdk(root);

        var publisher = Text(root, "publisher");
        Require(BundleNames.IsName(publisher), "'publisher' is not a publisher's name");
        var id = Text(root, "id");
        Require(BundleNames.IsId(id, publisher), "'id' is not PUBLISHER/NAME of this publisher");
        var task = Text(root, "task");
        Require(BundleNames.IsTask(task), "'task' is not a task's name");
        var keyIds = ReadKeyIds(Member(root, "keys", JsonValueKind.Object));
        return new BundleManifest
        {
            Publisher = publisher,
            Id = id,
            Version = Version(root, "version"),
            Sequence = Number(root, "sequence"),
            Instance = Bytes(root, "instance", InstanceSize),
            Task = task,
            Created = Time(root, "created"),
            MinSdk = Version(root, "minSdk"),
            TimestampRequired = Text(root, "timestamp") switch
            {
                "required" => true,
                "none" => false,
                _ => throw Reject("'timestamp' is neither 'required' nor 'none'"),
            },
            KeyIds = keyIds,
            Parts = ReadParts(Member(root, "parts", JsonValueKind.Array), keyIds, limits),
        };
    }

    // FORMAT.md §3: a later writer lists in 'must' the names that a reader may not ignore.
    private static void RefuseUnknownRequirements(JsonElement root)
    {
        if (!root.TryGetProperty("must", out var must))
        {
            return;
        }

        RequireKind(must, JsonValueKind.Array, "'must'");
        foreach (var name in must.EnumerateArray())
        {
            RequireKind(name, JsonValueKind.String, "an entry of 'must'");
            // Compared in place: a manifest may list as many as fit into it.
            if (!IsKnown(name))
            {
                throw new BundleException(
                    BundleError.UnsupportedVersion,
                    BundleSection.Manifest,
                    $"The bundle requires that its reader understands '{Printable(name.GetString()!)}', which Coffer {SdkInfo.Version} does not. Update the Coffer packages.");
            }
        }
    }

    private static bool IsKnown(JsonElement name)
    {
        foreach (var known in KnownNames)
        {
            if (name.ValueEquals(known))
            {
                return true;
            }
        }

        return false;
    }

    // Before anything else is interpreted, so that a bundle for a later SDK says so rather than look damaged.
    private static void RequireSdk(JsonElement root)
    {
        var needed = Version(root, "minSdk");
        if (needed > SdkInfo.Version)
        {
            throw new BundleException(
                BundleError.UnsupportedVersion,
                BundleSection.Manifest,
                $"The bundle needs Coffer {needed} or later; this is {SdkInfo.Version}. Update the Coffer packages.");
        }
    }

    private static Dictionary<PartGroup, string> ReadKeyIds(JsonElement keys)
    {
        var keyIds = new Dictionary<PartGroup, string>();
        foreach (var property in keys.EnumerateObject())
        {
            RequireKind(property.Value, JsonValueKind.String, "a key id");
            var keyId = property.Value.GetString()!;
            Require(BundleNames.IsKeyId(keyId), "'keys' holds something that is not a key id");
            keyIds.Add(Group(property.Name), keyId);
        }

        return keyIds;
    }

    private static List<BundlePart> ReadParts(JsonElement array, Dictionary<PartGroup, string> keyIds, BundleLimits limits)
    {
        var count = array.GetArrayLength();
        Require(count > 0, "it lists no parts");
        if (count > limits.MaxParts)
        {
            throw new BundleException(BundleError.LimitExceeded, BundleSection.Manifest, $"The bundle's manifest lists {count} parts; at most {limits.MaxParts} are allowed.");
        }

        var names = new HashSet<string>(count, StringComparer.Ordinal);
        var parts = new List<BundlePart>(count);
        foreach (var element in array.EnumerateArray())
        {
            var part = ReadPart(element, limits);
            Require(names.Add(part.Name), $"it lists the part '{part.Name}' twice");
            Require(keyIds.ContainsKey(part.Group), $"it names no key for the group of '{part.Name}'");
            parts.Add(part);
        }

        return parts;
    }

    private static BundlePart ReadPart(JsonElement element, BundleLimits limits)
    {
        RequireKind(element, JsonValueKind.Object, "a part");
        var name = Text(element, "name");
        Require(BundleNames.IsPartName(name), "a part's 'name' is not one");
        var group = Group(Text(element, "group"));
        var length = Number(element, "length");
        Require(ChunkedAead.TryPlaintextLength(length, out var plaintextLength), $"'{name}' has {length} bytes, which no encrypted part can have");
        var offset = Number(element, "offset");
        if (length > limits.MaxTotalLength || offset > limits.MaxTotalLength || (group == PartGroup.Settings && plaintextLength > limits.MaxSettingsLength))
        {
            throw new BundleException(BundleError.LimitExceeded, BundleSection.Manifest, $"The bundle's part '{name}' has {length} bytes, more than the limits allow.");
        }

        return new BundlePart(name, group, offset, length, Bytes(element, "digest", HashTree.DigestSize));
    }

    private static PartGroup Group(string name) => name switch
    {
        "settings" => PartGroup.Settings,
        "weights" => PartGroup.Weights,
        _ => throw Reject("it names a key group other than 'settings' and 'weights'"),
    };

    private static string GroupName(PartGroup group) => group == PartGroup.Settings ? "settings" : "weights";

    private static JsonElement Member(JsonElement element, string name, JsonValueKind kind)
    {
        Require(element.TryGetProperty(name, out var value), $"'{name}' is missing");
        RequireKind(value, kind, $"'{name}'");
        return value;
    }

    private static string Text(JsonElement element, string name) => Member(element, name, JsonValueKind.String).GetString()!;

    private static long Number(JsonElement element, string name)
    {
        Require(Member(element, name, JsonValueKind.Number).TryGetInt64(out var value) && value is >= 0 and <= MaxNumber, $"'{name}' is not a whole number from 0 to 2^53 - 1");
        return value;
    }

    private static SemanticVersion Version(JsonElement element, string name) =>
        SemanticVersion.TryParse(Text(element, name), out var version) ? version : throw Reject($"'{name}' is not a version");

    private static DateTimeOffset Time(JsonElement element, string name) =>
        DateTimeOffset.TryParseExact(Text(element, name), TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw Reject($"'{name}' is not a time of the form 2026-01-31T12:00:00Z");

    private static byte[] Bytes(JsonElement element, string name, int size)
    {
        var text = Text(element, name);
        var bytes = new byte[size];
        Require(
            text.Length == 2 * size && !text.AsSpan().ContainsAnyExcept(LowercaseHex) && Convert.FromHexString(text, bytes, out _, out _) == OperationStatus.Done,
            $"'{name}' is not {size} bytes in lowercase hexadecimal");
        return bytes;
    }

    private static void RequireKind(JsonElement element, JsonValueKind kind, string what)
    {
        if (element.ValueKind != kind)
        {
            throw Reject($"{what} is not a JSON {kind.ToString().ToLowerInvariant()}");
        }
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw Reject(otherwise);
        }
    }

    private static BundleException Reject(string what, Exception? cause = null) =>
        new(BundleError.InvalidManifest, BundleSection.Manifest, $"The bundle's manifest is refused: {what}. The file is damaged or was not made by Coffer; copy it again.", cause);

    private static string Printable(string text) =>
        new([.. text.Take(64).Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '?')]);

    private const int InstanceSize = 16;

    private static readonly SearchValues<char> LowercaseHex = SearchValues.Create("0123456789abcdef");

    private static readonly string[] KnownNames =
    [
        "publisher", "id", "version", "sequence", "instance", "task", "created", "minSdk", "timestamp", "keys", "parts", "must",
    ];
}
