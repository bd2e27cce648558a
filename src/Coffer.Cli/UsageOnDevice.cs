using System.Text.Json;
using Coffer.Bundles;

namespace Coffer.Cli;

/// <summary>What a device's ledger says of a license.</summary>
/// <param name="Usage">What was used; null where that is not known.</param>
/// <param name="Left">Calls that are left; null for any number.</param>
/// <param name="WindowEnds">When the window ends that <paramref name="Left"/> is of; null without one.</param>
/// <param name="Problem">Why it is not known; null where it is.</param>
internal sealed record UsageOnDevice(LicenseUsage? Usage, long? Left, DateTimeOffset? WindowEnds, string? Problem)
{
    public static UsageOnDevice Of(VerifiedLicense license, FileDeviceKey device, DateTimeOffset now)
    {
        var claims = license.Claims;
        if (claims.Device != device.SigningKey.Thumbprint)
        {
            return Unknown(claims.Device is null ? "the license is bound to no device" : "the license is bound to another device");
        }

        if (claims.Ledger != device.Ledger.Id)
        {
            return Unknown("the license counts in another ledger");
        }

        try
        {
            var usage = device.Ledger.UsageOf(license);
            var end = usage.WindowStart + claims.Window;
            return new(usage, usage.Left(claims, now), end > now ? end : null, null);
        }
        catch (LicenseException e)
        {
            return Unknown(e.Message);
        }
    }

    public void WriteTo(Output output, LicenseClaims claims, DateTimeOffset now)
    {
        if (Usage is null)
        {
            output.Line($"What was used is not known here: {Problem?.TrimEnd('.')}.");
            return;
        }

        output.Fields(
            ("Left", Left is { } left ? $"{Text.Count(left)} of {Text.Count(claims.Calls!.Value, "call")}{(WindowEnds is { } end ? $", until {Text.Of(end)}, {Text.FromNow(end, now)}" : "")}" : "any number of calls; they are not counted"),
            ("Used", Left is null ? null : $"{Text.Count(Usage.Total, "call")} in all on this device"),
            ("Last used", Usage.LastUsed is { } seen ? $"{Text.Of(seen)}, {Text.FromNow(seen, now)}" : "never"));
    }

    /// <summary>The member <c>usage</c>.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject("usage");
        json.WriteString("problem", Problem);
        if (Usage is not null)
        {
            json.WriteNumber("used", Usage.Used);
            json.WriteNumber("total", Usage.Total);
            json.WriteNumberOrNull("left", Left);
            json.WriteString("windowEnds", WindowEnds is { } end ? Text.Stamp(end) : null);
            json.WriteString("lastUsed", Usage.LastUsed is { } seen ? Text.Stamp(seen) : null);
            json.WriteNumber("newestSequence", Usage.NewestSequence);
        }

        json.WriteEndObject();
    }

    private static UsageOnDevice Unknown(string problem) => new(null, null, null, problem);
}
