using System.Globalization;
using System.Text;
using System.Text.Json;
using Coffer.Bundles;

namespace Coffer.Tests.Keys;

/// <summary>
/// Every vector of Project Wycheproof's four JOSE files, by id: what is accepted, and why anything else is not. The reasons are
/// a <see cref="JoseError"/>, a <see cref="KeyError"/> of the key that the vector brings, or that the value does not verify.
/// </summary>
public sealed class JoseVectorTests
{
    private const string Accepted = "accepted";
    private const string NotVerified = "does not verify";

    // Coffer signs with ES256 alone (LICENSES.md). 18 is valid elsewhere: its s is the higher one, and 378 has the lower of the same pair.
    [Fact]
    public void Parse_EveryJsonWebSignatureVector_IsRefusedForItsReasonOrAccepted()
    {
        var (valid, invalid) = Outcomes("json_web_signature_test.json", (group, test) => Verify(Token(test, "jws"), KeyOf(group)));

        AssertOutcomes(
            new()
            {
                [Accepted] = "378",
                [NotVerified] = "18",
                [nameof(JoseError.AlgorithmRefused)] = "1,33,259-275,287-288,320-323,325-328,345-352,357-359,373,376-377",
                [nameof(JoseError.Malformed)] = "372",
            },
            valid);
        AssertOutcomes(
            new()
            {
                [NotVerified] = "19,22-23,25,354,356,386-401",
                [nameof(JoseError.AlgorithmRefused)] = "2-3,5-6,8,16,31,34-35,37-38,40,46-258,276-286,289-319,324,329-344,353,355,360-364,367-371,374-375",
                [nameof(JoseError.HeaderRefused)] = "32",
                [nameof(JoseError.Malformed)] = "4,7,9-15,17,20-21,24,26-30,36,39,41-45,365-366,379-385",
            },
            invalid);
    }

    // Content keys travel under ECDH-ES on P-256 or RSA-OAEP-256, content in A256GCM. Key wrap (A*KW, A*GCMKW, ECDH-ES+A*KW), RSA1_5,
    // RSA-OAEP with SHA-1, dir, AES-CBC-HMAC, A128GCM and A192GCM are refused, valid or not.
    [Fact]
    public void Decrypt_EveryJsonWebEncryptionVector_IsRefusedForItsReasonOrOpened()
    {
        using var folder = new TemporaryFolder();
        var (valid, invalid) = Outcomes("json_web_encryption_test.json", (group, test) => Decrypt(folder, test, group.GetProperty("private")));

        AssertOutcomes(
            new()
            {
                [Accepted] = "78,90",
                [nameof(JoseError.AlgorithmRefused)] = "1,23,28-35,52-62,66-70,76-77,79-89,91-93,100-105,112,121,128-129,131-132,134",
                [nameof(JoseError.HeaderRefused)] = "71-75,133,135",
                [nameof(JoseError.Malformed)] = "130",
            },
            valid);
        AssertOutcomes(
            new()
            {
                [nameof(JoseError.AlgorithmRefused)] = "2-8,10-11,13-14,16-17,19,24-27,36-37,39-40,42-43,45-46,63-65,94-99,106,108,110-111,113-120,122-127",
                [nameof(JoseError.HeaderRefused)] = "48,107,109,136-139",
                [nameof(JoseError.Malformed)] = "9,12,15,18,20-22,38,41,44,47,49-51",
            },
            invalid);
    }

    [Fact]
    public void Parse_EveryJsonWebCryptoVector_IsRefusedForItsReason()
    {
        using var folder = new TemporaryFolder();
        var (valid, invalid) = Outcomes(
            "json_web_crypto_test.json",
            (group, test) => test.TryGetProperty("jws", out _) ? Verify(Token(test, "jws"), KeyOf(group)) : Decrypt(folder, test, group.GetProperty("private")));

        AssertOutcomes(
            new()
            {
                [NotVerified] = "18",
                [nameof(JoseError.AlgorithmRefused)] = "1,33,48,50,67",
            },
            valid);
        AssertOutcomes(
            new()
            {
                [NotVerified] = "19,22-23,25",
                [nameof(JoseError.AlgorithmRefused)] = "2-3,5-6,8,16,31,34-35,37-38,40,46-47,49,51-52,54-55,57-58,60-61,63,68-69,71-72,74-75,77-78",
                [nameof(JoseError.HeaderRefused)] = "32,80",
                [nameof(JoseError.Malformed)] = "4,7,9-15,17,20-21,24,26-30,36,39,41-45,53,56,59,62,64-66,70,73,76,79,81-83",
            },
            invalid);
    }

    // A set of several keys, or of a shared key, is nothing that Coffer reads; it reads one public key.
    [Fact]
    public void Parse_EveryJsonWebKeyVector_IsRefusedForItsReason()
    {
        var (valid, invalid) = Outcomes("json_web_key_test.json", (group, test) => Verify(Token(test, "jws"), KeyOf(group)));

        AssertOutcomes(
            new()
            {
                [nameof(JoseError.AlgorithmRefused)] = "2,5,13-15",
            },
            valid);
        AssertOutcomes(
            new()
            {
                [nameof(JoseError.AlgorithmRefused)] = "1,3-4,6-12,16-18,25-26",
                [nameof(JoseError.Malformed)] = "22",
                [nameof(KeyError.UnsupportedKey)] = "19-21,23-24",
            },
            invalid);
    }

    /// <summary>The public key of a group, or the private one where it has no other; a set as its first key. Null for none that is public.</summary>
    private static JsonElement KeyOf(JsonElement group)
    {
        var key = group.TryGetProperty("public", out var found) ? found : group.GetProperty("private");
        return key.TryGetProperty("keys", out var keys) ? keys[0] : key;
    }

    // Some tokens are not a string but in JSON serialization, which Coffer does not read.
    private static string Token(JsonElement test, string name) =>
        test.GetProperty(name) is { ValueKind: JsonValueKind.Object } json ? json.GetRawText() : test.Text(name);

    private static string Verify(string token, JsonElement jwk)
    {
        try
        {
            var jws = Jws.Parse(token, null);
            return jws.Verify(JsonWebKey.Parse(Encoding.UTF8.GetBytes(jwk.GetRawText()))) ? Accepted : NotVerified;
        }
        catch (JoseException e)
        {
            return e.Error.ToString();
        }
        catch (KeyException e)
        {
            return e.Error.ToString();
        }
    }

    private static string Decrypt(TemporaryFolder folder, JsonElement test, JsonElement jwk)
    {
        // A device that has another key than the vector's refuses the header before it touches the key.
        using IDeviceKey key = (jwk.Text("kty"), jwk.Text("crv")) switch
        {
            ("EC", "P-256") => VectorKey.Load(folder, jwk),
            ("RSA", _) when jwk.TryGetProperty("qi", out _) => new RsaDeviceKey(VectorKey.Rsa(jwk)),
            _ => KeyFile.Create(folder.File($"{Guid.NewGuid():N}.key")),
        };
        var plaintext = new byte[1024];
        try
        {
            var length = Jwe.Decrypt(Token(test, "jwe"), key, null, plaintext);
            Assert.Equal(test.Text("pt"), Convert.ToHexStringLower(plaintext[..length]));
            return Accepted;
        }
        catch (JoseException e)
        {
            Assert.All(plaintext, b => Assert.Equal(0, b));
            return e.Error.ToString();
        }
        catch (KeyException e)
        {
            Assert.All(plaintext, b => Assert.Equal(0, b));
            return e.Error.ToString();
        }
    }

    private static (Dictionary<string, List<int>> Valid, Dictionary<string, List<int>> Invalid) Outcomes(string file, Func<JsonElement, JsonElement, string> outcomeOf)
    {
        var (valid, invalid) = (new Dictionary<string, List<int>>(), new Dictionary<string, List<int>>());
        foreach (var (group, test, isValid) in Wycheproof.Read(file))
        {
            var outcomes = isValid ? valid : invalid;
            var outcome = outcomeOf(group, test);
            if (!outcomes.TryGetValue(outcome, out var ids))
            {
                outcomes.Add(outcome, ids = []);
            }

            ids.Add(test.Id());
        }

        return (valid, invalid);
    }

    private static void AssertOutcomes(Dictionary<string, string> expected, Dictionary<string, List<int>> actual)
    {
        var told = string.Join('\n', actual.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}: {Ranges(pair.Value)}"));
        Assert.True(told == string.Join('\n', expected.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}: {pair.Value}")), told);
    }

    private static string Ranges(List<int> ids)
    {
        var ranges = new List<string>();
        for (var i = 0; i < ids.Count; i++)
        {
            var first = ids[i];
            while (i + 1 < ids.Count && ids[i + 1] == ids[i] + 1)
            {
                i++;
            }

            ranges.Add(ids[i] == first ? first.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{first}-{ids[i]}"));
        }

        return string.Join(',', ranges);
    }
}
