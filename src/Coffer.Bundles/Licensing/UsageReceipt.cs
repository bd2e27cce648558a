using System.Text.Json;

namespace Coffer.Bundles;

/// <summary>
/// A device's signed statement of how many calls of a license it counted in a period: what a vendor collects from a device
/// that is never online. Receipts of a grant are numbered and each names the one before by its hash, so that a missing one
/// shows, and so does a device whose state was set back. A JWS of type <c>coffer-receipt+jwt</c>, signed with the device's key.
/// </summary>
public sealed class UsageReceipt
{
    private const string Type = "coffer-receipt+jwt";

    private UsageReceipt(string token, JsonElement claims)
    {
        Token = token;
        Digest = CompactToken.Digest(token);
        Device = Text(claims, "iss");
        Issuer = Text(claims, "issuer");
        LicenseId = Text(claims, "lid");
        Sequence = Number(claims, "seq");
        RecordNumber = Number(claims, "n");
        Calls = Number(claims, "calls");
        Total = Number(claims, "total");
        From = claims.TryGetProperty("from", out _) ? DateTimeOffset.FromUnixTimeSeconds(Number(claims, "from")) : null;
        To = DateTimeOffset.FromUnixTimeSeconds(Number(claims, "iat"));
        Previous = claims.TryGetProperty("prev", out var previous) ? previous.GetString() : null;
    }

    /// <summary>The thumbprint of the device's signing key.</summary>
    public string Device { get; }

    /// <summary>Who issued the license; of one that was passed on, with the delegate's thumbprint behind a slash.</summary>
    public string Issuer { get; }

    /// <summary>The grant.</summary>
    public string LicenseId { get; }

    /// <summary>The number of the license's token within its grant.</summary>
    public long Sequence { get; }

    /// <summary>The receipt's number within the grant on this device, from 1.</summary>
    public long RecordNumber { get; }

    /// <summary>Calls in the period.</summary>
    public long Calls { get; }

    /// <summary>Calls since the device was made.</summary>
    public long Total { get; }

    /// <summary>The end of the period before; null in the first receipt.</summary>
    public DateTimeOffset? From { get; }

    /// <summary>The end of the period, by the device's clock.</summary>
    public DateTimeOffset To { get; }

    /// <summary>The hash of the receipt before; null in the first one.</summary>
    public string? Previous { get; }

    /// <summary>The compact token: what to hand in.</summary>
    public string Token { get; }

    /// <summary>SHA-256 of the token, base64url: what the next receipt names it by.</summary>
    public string Digest { get; }

    /// <summary>
    /// Makes the next receipt of a license. Calls that running processes hold in reserve count as made; what they give back is
    /// taken off later receipts. It is on disk that the receipt was made before this returns: one that gets lost leaves a gap
    /// that shows, and the next one's total.
    /// </summary>
    /// <param name="license">The license, verified.</param>
    /// <param name="device">The device that it is bound to.</param>
    /// <param name="ledger">Null for the device key's own.</param>
    /// <param name="clock">Null for the system's.</param>
    /// <exception cref="LicenseException">
    /// <see cref="LicenseError.NothingCounted"/>: the license counts no calls. <see cref="LicenseError.DeviceMismatch"/>; or as
    /// <see cref="UsageLedger.Open"/>.
    /// </exception>
    public static UsageReceipt Issue(VerifiedLicense license, IDeviceKey device, UsageLedger? ledger = null, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(license);
        ArgumentNullException.ThrowIfNull(device);
        ledger ??= device.Ledger;
        if (license.Claims.Calls is null || ledger is null)
        {
            throw new LicenseException(LicenseError.NothingCounted, "The license counts no calls on this device, so that there is nothing to receipt. A license with a quota, however large, is counted.");
        }

        if (license.Claims.Device != device.SigningKey.Thumbprint)
        {
            throw new LicenseException(LicenseError.DeviceMismatch, $"The license is bound to the device {license.Claims.Device ?? "(none)"}, and this one is {device.SigningKey.Thumbprint}. Give the license of this device.");
        }

        var grant = license.QuotaGrant;
        return ledger.Update(content =>
        {
            var entry = content[grant];
            var now = Math.Max((clock ?? TimeProvider.System).GetUtcNow().ToUnixTimeSeconds(), entry.Receipt.At);

            // What a process gave back since may put the count below what was attested: attested totals never fall.
            var total = Math.Max(entry.Total, entry.Receipt.Total);
            var payload = Write(license, device, grant, entry.Receipt, total, now);
            var token = Jws.Sign(Type, payload, device);
            content[grant] = entry with { Receipt = new ReceiptMark(entry.Receipt.Number + 1, CompactToken.Digest(token), total, now) };
            return Verify(token, device.SigningKey);
        });
    }

    /// <summary>Reads a receipt and checks the device's signature.</summary>
    /// <param name="token">The compact token.</param>
    /// <param name="device">The device's signing key: of its public file.</param>
    /// <exception cref="LicenseException"><see cref="LicenseError.Malformed"/> or <see cref="LicenseError.SignatureInvalid"/>.</exception>
    public static UsageReceipt Verify(string token, JsonWebKey device)
    {
        ArgumentNullException.ThrowIfNull(token);
        ArgumentNullException.ThrowIfNull(device);
        try
        {
            var text = token.TrimEnd('\r', '\n');
            var jws = Jws.Parse(text, Type);
            var receipt = StrictJson.Read(jws.Payload, claims => new UsageReceipt(text, claims));
            return jws.Verify(device) && receipt.Device == device.Thumbprint
                ? receipt
                : throw new LicenseException(LicenseError.SignatureInvalid, $"The receipt is not signed by the device {device.Thumbprint}. Give that device's receipts, or its public file.");
        }
        catch (Exception e) when (e is JoseException or FormatException or KeyNotFoundException or ArgumentOutOfRangeException)
        {
            throw new LicenseException(LicenseError.Malformed, $"The receipt can't be read{(e is JoseException ? $": {e.Message}" : "")}. Collect it from the device again.");
        }
    }

    /// <summary>License, number and calls.</summary>
    public override string ToString() => $"UsageReceipt {RecordNumber} of {LicenseId}: {Calls} calls";

    private static ReadOnlySpan<byte> Write(VerifiedLicense license, IDeviceKey device, GrantId grant, ReceiptMark last, long total, long now) => StrictJson.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("iss", device.SigningKey.Thumbprint);
        writer.WriteString("issuer", grant.Issuer);
        writer.WriteString("lid", grant.LicenseId);
        writer.WriteNumber("seq", license.Claims.Sequence);
        writer.WriteNumber("n", last.Number + 1);
        writer.WriteNumber("calls", total - last.Total);
        writer.WriteNumber("total", total);
        if (last.Number > 0)
        {
            writer.WriteNumber("from", last.At);
        }

        writer.WriteNumber("iat", now);
        if (last.Number > 0)
        {
            writer.WriteString("prev", last.Digest);
        }

        writer.WriteEndObject();
    }).WrittenSpan;

    private static string Text(JsonElement claims, string name) => claims.GetProperty(name).GetString() ?? throw new FormatException("A claim is null.");

    private static long Number(JsonElement claims, string name) =>
        claims.GetProperty(name).TryGetInt64(out var number) && number >= 0 ? number : throw new FormatException("A claim is not a count.");
}
