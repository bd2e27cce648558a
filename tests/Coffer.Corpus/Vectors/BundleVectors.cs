using System.Buffers.Binary;
using System.Globalization;
using Coffer.Bundles;

namespace Coffer.Corpus;

/// <summary>Bundles with one defect each, in the order of FORMAT.md, and some without.</summary>
internal static class BundleVectors
{
    private static readonly byte[] Valid = new CorpusBundle().Build();

    private static readonly int SlotOffset = BundleHeader.Size + BinaryPrimitives.ReadInt32LittleEndian(Valid.AsSpan(12));

    private static int TableOffset => SlotOffset + CorpusBundle.Slot;

    public static IEnumerable<Vector> All() =>
        [.. Sound(), .. File(), .. Header(), .. Manifest(), .. Slot(), .. SignatureVectors.All(), .. TimestampVectors.All(), .. Tables(), .. Parts()];

    private static IEnumerable<Vector> Sound()
    {
        yield return Accepted("valid", "nothing is wrong", "§9", new CorpusBundle());
        yield return Accepted("valid-one-part", "one part, of group settings", "§3", new CorpusBundle { Parts = [("settings.json", PartGroup.Settings, "{}"u8.ToArray())] });
        yield return Accepted("valid-two-chunks", "a plaintext of exactly one chunk, which takes a second, empty one", "§6", new CorpusBundle { Parts = [("settings.json", PartGroup.Settings, new byte[ChunkedAead.ChunkSize])] });
        yield return Accepted("valid-unknown-name", "a name that no reader knows, not in must", "§3", Edited(text => text[..^1] + ",\"colour\":\"blue\"}"));
        yield return Accepted("valid-known-must", "must names what every reader knows", "§3", Edited(text => text[..^1] + ",\"must\":[\"parts\"]}"));
        yield return Accepted("valid-depth-8", "a value at the last allowed depth", "§3", Edited(text => text[..^1] + ",\"note\":[[[[[[[0]]]]]]]}"));
        yield return Accepted("valid-white-space", "white space between the tokens of the manifest", "§3", Edited(text => text.Replace(":", " : ", StringComparison.Ordinal).Replace("2026-06-01T12 : 00 : 00Z", "2026-06-01T12:00:00Z", StringComparison.Ordinal)));
        yield return Accepted("valid-escaped-text", "an escape in a string of the manifest", "§3", Edited(text => text.Replace("\"task\":\"image", "\"task\":\"\\u0069mage", StringComparison.Ordinal)));
    }

    private static IEnumerable<Vector> File()
    {
        for (var i = 0; i < BundleHeader.Magic.Length; i++)
        {
            var at = i;
            yield return Patched($"magic-{i}", $"byte {i} of the magic is another", "§2", BundleError.NotABundle, BundleSection.File, bytes => bytes[at] ^= 0x20);
        }

        yield return Cut("empty", 0, "an empty file", BundleError.NotABundle);
        yield return Cut("cut-in-magic", 7, "the file ends inside the magic", BundleError.NotABundle);
        yield return Cut("cut-after-magic", 8, "the file ends after the magic");
        yield return Cut("cut-in-header", 31, "the file ends inside the header");
        yield return Cut("cut-after-header", 32, "the file ends after the header");
        yield return Cut("cut-in-manifest", 300, "the file ends inside the manifest");
        yield return Cut("cut-before-slot", SlotOffset, "the file ends after the manifest");
        yield return Cut("cut-in-slot", SlotOffset + 100, "the file ends inside the signature");
        yield return Cut("cut-in-tables", TableOffset + 40, "the file ends inside the leaf tables");
        yield return Cut("cut-before-last-byte", Valid.Length - 1, "the last byte is missing");
        yield return Whole("trailing-byte", "a byte follows the last part", "§1", BundleError.TrailingData, BundleSection.File, [.. Valid, 0]);
        yield return Whole("trailing-copy", "the bundle's header follows the last part", "§1", BundleError.TrailingData, BundleSection.File, [.. Valid, .. Valid[..32]]);
    }

    private static IEnumerable<Vector> Header()
    {
        foreach (ushort version in new ushort[] { 0, 2, 256, ushort.MaxValue })
        {
            yield return Patched($"version-{version}", $"version {version}", "§2", BundleError.UnsupportedVersion, BundleSection.Header, bytes => BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), version));
        }

        foreach (ushort flags in new ushort[] { 1, 0x8000 })
        {
            yield return Patched($"flags-{flags}", $"flags {flags}", "§2", BundleError.InvalidHeader, BundleSection.Header, bytes => BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(10), flags));
        }

        foreach (var reserved in new uint[] { 1, 0x80000000 })
        {
            yield return Field($"reserved-{reserved}", 20, reserved, BundleError.InvalidHeader);
        }

        foreach (var length in new uint[] { 0, 1, (1 << 20) + 1, uint.MaxValue })
        {
            yield return Field($"manifest-length-{length}", 12, length, BundleError.LimitExceeded);
        }

        foreach (var capacity in new uint[] { 0, 12288, 69632, uint.MaxValue })
        {
            yield return Field($"slot-capacity-{capacity}", 16, capacity, BundleError.LimitExceeded);
        }

        yield return Field("slot-capacity-16385", 16, 16385, BundleError.InvalidHeader);
        foreach (var total in new ulong[] { (1UL << 40) + 1, 1UL << 63, ulong.MaxValue })
        {
            yield return Patched($"total-{total}", $"a total length of {total}", "§2, §7", BundleError.LimitExceeded, BundleSection.Header, bytes => BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), total));
        }

        yield return Patched("total-one-more", "a total length of one more than the file has", "§2", BundleError.Truncated, BundleSection.File, bytes => bytes[24]++);
        yield return Patched("total-one-less", "a total length of one less than the file has", "§2", BundleError.TrailingData, BundleSection.File, bytes => bytes[24]--);
        yield return Patched("total-0", "a total length of 0", "§2", BundleError.TrailingData, BundleSection.File, bytes => bytes.AsSpan(24, 8).Clear());
        var bare = Valid[..1000];
        BinaryPrimitives.WriteInt64LittleEndian(bare.AsSpan(24), bare.Length);
        yield return Whole("sections-beyond-the-end", "manifest and slot do not fit into the total length", "§1", BundleError.InvalidHeader, BundleSection.Header, bare);
        yield return Patched("manifest-one-shorter", "a manifest length of one less than the JSON has", "§3", BundleError.InvalidManifest, BundleSection.Manifest, bytes => BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), SlotOffset - 33));
        yield return Patched("manifest-one-longer", "a manifest length of one more than the JSON has", "§3", BundleError.InvalidManifest, BundleSection.Manifest, bytes => BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), SlotOffset - 31));
        yield return Patched("slot-grows", "a slot capacity of 4096 more, so that nothing lies where the manifest says", "§1", BundleError.InvalidManifest, BundleSection.Manifest, bytes => BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), CorpusBundle.Slot + 4096));
    }

    private static IEnumerable<Vector> Manifest()
    {
        foreach (var name in new[] { "publisher", "id", "version", "sequence", "instance", "task", "created", "minSdk", "timestamp", "keys", "parts" })
        {
            yield return Json($"manifest-without-{name}", $"'{name}' is missing", text => text.Replace($"\"{name}\":", $"\"x-{name}\":", StringComparison.Ordinal));
        }

        foreach (var (slug, old, by, what) in Values)
        {
            yield return Json($"manifest-{slug}", what, text => text.Replace(old, by, StringComparison.Ordinal));
        }

        yield return Json("manifest-name-twice", "'sequence' is there twice", text => text.Replace("\"sequence\":1", "\"sequence\":1,\"sequence\":2", StringComparison.Ordinal));
        yield return Json("manifest-name-twice-escaped", "'sequence' is there twice, once with an escape", text => text.Replace("\"sequence\":1", "\"sequence\":1,\"\\u0073equence\":2", StringComparison.Ordinal));
        yield return Json("manifest-part-name-twice", "a member of a part is there twice", text => text.Replace("\"name\":\"settings.json\"", "\"name\":\"settings.json\",\"name\":\"settings.json\"", StringComparison.Ordinal));
        yield return Json("manifest-unknown-name-twice", "a name that no reader knows is there twice", text => text[..^1] + ",\"x\":1,\"x\":2}");
        yield return Json("manifest-lone-surrogate-name", "half a surrogate pair in a name", text => text[..^1] + ",\"\\ud800\":1}");
        yield return Json("manifest-lone-surrogate-value", "half a surrogate pair in a string", text => text.Replace("\"task\":\"image-classification\"", "\"task\":\"\\ud800\"", StringComparison.Ordinal));
        yield return Json("manifest-byte-order-mark", "a byte order mark before the manifest", text => "\uFEFF" + text);
        yield return Json("manifest-depth-9", "a value one deeper than allowed", text => text[..^1] + ",\"note\":[[[[[[[[0]]]]]]]]}");
        yield return Json("manifest-comment", "a comment", text => "/**/" + text);
        yield return Json("manifest-trailing-comma", "a comma before the end", text => text[..^1] + ",}");
        yield return Json("manifest-second-value", "a second value after the object", text => text + "{}");
        yield return Json("manifest-list", "a list around the object", text => $"[{text}]");
        yield return Json("manifest-same-part-twice", "two parts of one name", text => text.Replace("files/labels.txt", "settings.json", StringComparison.Ordinal));
        yield return Json("manifest-no-parts", "no parts", text => text[..text.IndexOf("\"parts\":", StringComparison.Ordinal)] + "\"parts\":[]}");
        yield return Json("manifest-parts-exchanged", "the parts are listed in another order than they lie", ExchangeParts);
        yield return Json("manifest-offset-later", "the last part's offset is 4096 too high", text => Bump(text, "\"offset\":", 4096));
        yield return Json("manifest-offset-unaligned", "the last part's offset is not a multiple of 4096", text => Bump(text, "\"offset\":", 1));
        yield return Json("manifest-length-longer", "the last part's length is one more than the file has", text => Bump(text, "\"length\":", 1));
        yield return Refused("manifest-must-unknown", "must names what no reader knows", "§3", BundleError.UnsupportedVersion, BundleSection.Manifest, Edited(text => text[..^1] + ",\"colour\":1,\"must\":[\"colour\"]}"));
        yield return Refused("manifest-later-sdk", "a later SDK is needed", "§3", BundleError.UnsupportedVersion, BundleSection.Manifest, Edited(text => text.Replace("\"minSdk\":\"0.1.0\"", "\"minSdk\":\"999.0.0\"", StringComparison.Ordinal)));
        yield return Refused("manifest-settings-too-large", "a part of group settings beyond 256 MiB", "§7", BundleError.LimitExceeded, BundleSection.Manifest, Edited(text => text.Replace("\"length\":74", "\"length\":300000000", StringComparison.Ordinal)));
        yield return Refused("manifest-weights-too-large", "a part beyond 1 TiB", "§7", BundleError.LimitExceeded, BundleSection.Manifest, Edited(text => text.Replace("\"length\":772", "\"length\":2199023255752", StringComparison.Ordinal)));
        yield return Refused("manifest-too-many-parts", "4097 parts", "§3, §7", BundleError.LimitExceeded, BundleSection.Manifest, Edited(text => text.Replace("\"parts\":[", "\"parts\":[" + string.Concat(Enumerable.Repeat("0,", 4094)), StringComparison.Ordinal)));
    }

    // A slug, what is replaced, by what, and what is wrong then.
    private static readonly (string Slug, string Old, string By, string What)[] Values =
    [
        ("publisher-upper-case", "\"publisher\":\"acme\"", "\"publisher\":\"Acme\"", "a publisher with an upper-case letter"),
        ("publisher-empty", "\"publisher\":\"acme\"", "\"publisher\":\"\"", "an empty publisher"),
        ("publisher-ends-with-dot", "\"publisher\":\"acme\"", "\"publisher\":\"acme.\"", "a publisher that ends with a dot"),
        ("publisher-null", "\"publisher\":\"acme\"", "\"publisher\":null", "a publisher that is null"),
        ("id-of-another", "\"id\":\"acme/digits\"", "\"id\":\"other/digits\"", "an id of another publisher"),
        ("id-without-name", "\"id\":\"acme/digits\"", "\"id\":\"acme/\"", "an id without a name"),
        ("id-with-folder", "\"id\":\"acme/digits\"", "\"id\":\"acme/a/digits\"", "an id with two slashes"),
        ("version-of-two", "\"version\":\"1.2.0\"", "\"version\":\"1.2\"", "a version of two numbers"),
        ("version-leading-zero", "\"version\":\"1.2.0\"", "\"version\":\"1.02.0\"", "a version with a leading zero"),
        ("version-build", "\"version\":\"1.2.0\"", "\"version\":\"1.2.0+7\"", "a version with build metadata"),
        ("version-number", "\"version\":\"1.2.0\"", "\"version\":1", "a version that is a number"),
        ("sequence-negative", "\"sequence\":1", "\"sequence\":-1", "a negative sequence"),
        ("sequence-fraction", "\"sequence\":1", "\"sequence\":1.5", "a sequence that is no whole number"),
        ("sequence-too-high", "\"sequence\":1", "\"sequence\":9007199254740992", "a sequence of 2^53"),
        ("sequence-text", "\"sequence\":1", "\"sequence\":\"1\"", "a sequence that is a string"),
        ("instance-upper-case", "\"instance\":\"", "\"instance\":\"A", "an instance of 33 digits, one in upper case"),
        ("instance-empty", "\"instance\":\"", "\"instance\":\"\",\"x\":\"", "an empty instance"),
        ("task-upper-case", "\"task\":\"image-classification\"", "\"task\":\"Image\"", "a task with an upper-case letter"),
        ("task-empty", "\"task\":\"image-classification\"", "\"task\":\"\"", "an empty task"),
        ("created-offset", "12:00:00Z", "12:00:00+00:00", "a time with an offset"),
        ("created-fraction", "12:00:00Z", "12:00:00.0Z", "a time with a fraction"),
        ("created-no-day", "2026-06-01", "2026-02-30", "a day that there is not"),
        ("timestamp-unknown", "\"timestamp\":\"none\"", "\"timestamp\":\"maybe\"", "a timestamp that is neither none nor required"),
        ("timestamp-boolean", "\"timestamp\":\"none\"", "\"timestamp\":false", "a timestamp that is a boolean"),
        ("min-sdk-of-two", "\"minSdk\":\"0.1.0\"", "\"minSdk\":\"0.1\"", "an SDK version of two numbers"),
        ("key-group-unknown", "\"keys\":{", "\"keys\":{\"other\":\"a.other.1\",", "a key group that there is not"),
        ("key-group-missing", ",\"weights\":\"digits.weights.1\"", "", "no key for the group of a part"),
        ("key-id-space", "digits.settings.1", "digits settings 1", "a key id with spaces"),
        ("part-parent-folder", "\"name\":\"settings.json\"", "\"name\":\"../settings.json\"", "a part outside of its folder"),
        ("part-absolute", "\"name\":\"settings.json\"", "\"name\":\"/settings.json\"", "a part with an empty first segment"),
        ("part-double-slash", "\"name\":\"files/labels.txt\"", "\"name\":\"files//labels.txt\"", "a part with an empty segment"),
        ("part-backslash", "\"name\":\"files/labels.txt\"", "\"name\":\"files\\\\labels.txt\"", "a part with a backslash"),
        ("part-dot", "\"name\":\"files/labels.txt\"", "\"name\":\"files/./labels.txt\"", "a part with the segment '.'"),
        ("part-umlaut", "\"name\":\"files/labels.txt\"", "\"name\":\"files/l\u00E4bels.txt\"", "a part with a letter beyond ASCII"),
        ("part-name-too-long", "\"name\":\"files/labels.txt\"", "\"name\":\"files/" + "a".PadLeft(195, 'a') + "\"", "a part name of 201 characters"),
        ("part-group-unknown", "\"group\":\"weights\"", "\"group\":\"other\"", "a part of a group that there is not"),
        ("part-length-without-tag", "\"length\":74", "\"length\":71", "a length that holds no tag"),
        ("part-length-full-chunk", "\"length\":772", "\"length\":16456", "a length that ends with a full chunk"),
        ("part-digest-short", "\"digest\":\"", "\"digest\":\"\",\"x\":\"", "an empty digest"),
        ("must-text", "\"task\":", "\"must\":\"task\",\"task\":", "a must that is no list"),
        ("must-number", "\"task\":", "\"must\":[1],\"task\":", "a number in must"),
    ];

    private static IEnumerable<Vector> Slot()
    {
        yield return Patched("signature-length-0", "a signature of no bytes", "§5", BundleError.InvalidSignature, BundleSection.Signature, bytes => bytes.AsSpan(SlotOffset, 4).Clear());
        yield return Patched("signature-length-beyond-slot", "a signature of one byte more than the slot holds", "§5", BundleError.InvalidSignature, BundleSection.Signature, bytes => BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(SlotOffset), CorpusBundle.Slot - 3));
        yield return Patched("signature-length-one-less", "a signature length of one less, so that its last byte is padding", "§5", BundleError.NonZeroPadding, BundleSection.Signature, bytes => bytes[SlotOffset]--);
        yield return Patched("signature-length-one-more", "a signature length of one more, so that padding is its last byte", "§5", BundleError.InvalidSignature, BundleSection.Signature, bytes => bytes[SlotOffset]++);
        yield return Patched("slot-padding", "the last byte of the slot is not zero", "§1", BundleError.NonZeroPadding, BundleSection.Signature, bytes => bytes[TableOffset - 1] = 1);
        yield return Patched("padding-before-parts", "a byte between leaf tables and parts is not zero", "§1", BundleError.NonZeroPadding, BundleSection.Padding, bytes => bytes[TableOffset + 96] = 1);
        yield return Patched("padding-between-parts", "a byte between two parts is not zero", "§1", BundleError.NonZeroPadding, BundleSection.Padding, bytes => bytes[Part(1) - 1] = 1);
    }

    private static IEnumerable<Vector> Tables()
    {
        for (var i = 0; i < 3; i++)
        {
            var at = TableOffset + (i * HashTree.DigestSize);
            yield return Patched($"leaf-table-{i}", $"a bit of the leaf table of part {i} is another", "§4", BundleError.LeafTableAltered, BundleSection.LeafTable, bytes => bytes[at + 31] ^= 0x80);
        }

        yield return Refused("digest-of-another-part", "the publisher signed another digest than the leaf table has", "§4", BundleError.LeafTableAltered, BundleSection.LeafTable, Edited(text => ReplaceDigest(text)));
        yield return Patched("leaf-tables-exchanged", "the leaf tables of two parts are exchanged", "§4", BundleError.LeafTableAltered, BundleSection.LeafTable, bytes =>
        {
            var first = bytes.AsSpan(TableOffset, 32).ToArray();
            bytes.AsSpan(TableOffset + 32, 32).CopyTo(bytes.AsSpan(TableOffset));
            first.CopyTo(bytes, TableOffset + 32);
        });
    }

    private static IEnumerable<Vector> Parts()
    {
        foreach (var (slug, at, what) in new[] { ("salt", 0, "salt"), ("commitment", 24, "commitment"), ("ciphertext", 56, "ciphertext"), ("tag", 771, "last tag") })
        {
            yield return Patched($"part-{slug}", $"a bit of the weights' {what} is another", "§4", BundleError.PartAltered, BundleSection.Part, bytes => bytes[Part(2) + at] ^= 1);
            yield return Refused($"part-{slug}-signed", $"the publisher signed weights whose {what} is another", "§6", at < ChunkedAead.HeaderSize ? BundleError.WrongContentKey : BundleError.PartAltered, BundleSection.Part, new CorpusBundle { EditMessage = (part, message) => FlipIn(part, message, at) });
        }

        yield return Patched("part-settings", "a bit of the settings is another", "§4", BundleError.PartAltered, BundleSection.Part, bytes => bytes[Part(0) + 57] ^= 1);
        yield return Patched("part-empty", "a bit of an empty part's tag is another", "§4", BundleError.PartAltered, BundleSection.Part, bytes => bytes[Part(1) + 71] ^= 1);
        yield return Refused("part-other-key", "the parts are encrypted under other content keys", "§6", BundleError.WrongContentKey, BundleSection.Part, new CorpusBundle { KeyBytes = _ => CorpusContentKeys.Bytes("another content key") });
        foreach (var (slug, change, what) in new (string, Func<BundleManifest, BundleManifest>, string)[]
        {
            ("publisher", manifest => manifest with { Publisher = "other" }, "another publisher"),
            ("id", manifest => manifest with { Id = "acme/letters" }, "another id"),
            ("version", manifest => manifest with { Version = SemanticVersion.Parse("1.2.1") }, "another version"),
            ("instance", manifest => manifest with { Instance = new byte[16] }, "another instance"),
        })
        {
            yield return Refused($"part-context-{slug}", $"the parts are encrypted for {what}", "§6", BundleError.WrongContentKey, BundleSection.Part, new CorpusBundle { EncryptAs = change });
        }

        yield return Refused("part-context-name", "a part is encrypted under another name", "§6", BundleError.WrongContentKey, BundleSection.Part, Edited(text => text.Replace("files/labels.txt", "files/labelz.txt", StringComparison.Ordinal)));
    }

    private static int Part(int index) => Offsets[index];

    private static readonly int[] Offsets = ReadOffsets();

    private static int[] ReadOffsets()
    {
        using var signed = SignedBundle.FromMemory(Valid);
        return [.. signed.Manifest.Parts.Select(part => (int)part.Offset)];
    }

    private static void FlipIn(int part, byte[] message, int at)
    {
        if (part == 2)
        {
            message[at] ^= 1;
        }
    }

    private static string ExchangeParts(string text)
    {
        var start = text.IndexOf("\"parts\":[", StringComparison.Ordinal) + "\"parts\":[".Length;
        var parts = text[(start + 1)..^3].Split("},{");
        return $"{text[..start]}{{{parts[1]}}},{{{parts[0]}}},{{{parts[2]}}}]}}";
    }

    // The last number behind the last such name.
    private static string Bump(string text, string name, int by)
    {
        var start = text.LastIndexOf(name, StringComparison.Ordinal) + name.Length;
        var end = text.IndexOf(',', start);
        return string.Create(CultureInfo.InvariantCulture, $"{text[..start]}{long.Parse(text[start..end], CultureInfo.InvariantCulture) + by}{text[end..]}");
    }

    // The last part's digest is the first's.
    private static string ReplaceDigest(string text)
    {
        const string Name = "\"digest\":\"";
        var first = text.IndexOf(Name, StringComparison.Ordinal) + Name.Length;
        var last = text.LastIndexOf(Name, StringComparison.Ordinal) + Name.Length;
        return string.Concat(text.AsSpan(0, last), text.AsSpan(first, 64), text.AsSpan(last + 64));
    }

    internal static CorpusBundle Edited(Func<string, string> edit) => new() { EditManifest = edit };

    internal static Vector Accepted(string name, string what, string spec, CorpusBundle bundle) => new(name, what, $"FORMAT.md {spec}", null, null, bundle.Build());

    internal static Vector Refused(string name, string what, string spec, BundleError error, BundleSection section, CorpusBundle bundle) =>
        Whole(name, what, spec, error, section, bundle.Build());

    private static Vector Json(string name, string what, Func<string, string> edit) =>
        Refused(name, what, "§3", BundleError.InvalidManifest, BundleSection.Manifest, Edited(edit));

    private static Vector Cut(string name, int length, string what, BundleError error = BundleError.Truncated) =>
        Whole(name, what, "§2", error, BundleSection.File, Valid[..length]);

    private static Vector Field(string name, int offset, uint value, BundleError error) =>
        Patched(name, $"{value} at {offset}", "§2", error, BundleSection.Header, bytes => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset), value));

    private static Vector Patched(string name, string what, string spec, BundleError error, BundleSection section, Action<byte[]> patch)
    {
        byte[] copy = [.. Valid];
        patch(copy);
        return Whole(name, what, spec, error, section, copy);
    }

    private static Vector Whole(string name, string what, string spec, BundleError error, BundleSection section, byte[] bytes) =>
        new(name, what, $"FORMAT.md {spec}", error.ToString(), section.ToString(), bytes);
}
