using Coffer.Bundles;

namespace Coffer.Cli;

/// <summary>What a license says, for people.</summary>
internal static class LicenseText
{
    /// <summary>In a license: everything.</summary>
    public const string Any = "*";

    /// <summary>The names of targets, as tokens have them.</summary>
    public static readonly IReadOnlyList<(string Word, ExecutionTarget Value)> Targets = [("local", ExecutionTarget.Local), ("remote", ExecutionTarget.Remote)];

    /// <summary>What the license allows, whom it came from to whom, and what each token of a chain says by itself.</summary>
    public static void Write(Output output, License license, DateTimeOffset now)
    {
        WriteRights(output, license, now);
        for (var i = 0; i < license.Chain.Count && license.Chain.Count > 1; i++)
        {
            var token = license.Chain[i];
            output.Line();
            output.Line($"Token {i + 1} of {license.Chain.Count}: '{token.Issuer}' gives '{token.Licensee}'");
            WriteToken(output, token, i == 0 ? null : license.Chain[i - 1], now);
        }
    }

    private static void WriteRights(Output output, License license, DateTimeOffset now)
    {
        var claims = license.Claims;
        output.Fields(
            ("Who", string.Join(" → ", [license.Chain[0].Issuer, .. license.Chain.Select(token => token.Licensee)])),
            ("Model", string.Join(", ", claims.Models.Select(Model))),
            ("Device", claims.Device ?? "none: it is to be passed on with 'coffer license narrow'"),
            ("Valid", Validity(claims, now)),
            ("Calls", Calls(claims)),
            ("At once", claims.Concurrent is { } concurrent ? Text.Count(concurrent, "call") : null),
            ("Offline", Offline(claims)),
            ("Status", claims.Status is { } status ? $"{status.Uri}, index {status.Index}" : null),
            ("Endpoints", claims.Remote is { } remote ? Remote(remote) : null),
            ("Watermark", claims.Watermark),
            ("Delegate", claims.Delegate is { } delegation ? $"{delegation.Key.Thumbprint}, {delegation.Depth} deep" : null),
            ("Tasks", ListOf(claims.Tasks, "everything")),
            ("Targets", ListOf([.. claims.Targets.Select(Name)], "everywhere")),
            ("Providers", ListOf(claims.Providers, "every one")),
            ("Application", claims.Audience ?? "any"),
            ("Needs", claims.MinSdk is { } sdk ? $"Coffer {sdk} or newer" : null),
            ("Must", claims.Must.Count > 0 ? string.Join(", ", claims.Must) : null),
            ("Refused", claims.NotEnforced.Count > 0 ? $"this version can't enforce {string.Join(", ", claims.NotEnforced)}, so it refuses the license" : null),
            ("Keys", claims.Keys.Count > 0 ? string.Join(", ", claims.Keys.Select(key => $"{ManifestText.Name(key.Group)} {key.KeyId}")) : "none"),
            ("Issuer", claims.Issuer),
            ("License", $"{claims.LicenseId}, number {claims.Sequence}, issued {Text.Of(claims.IssuedAt)}"),
            ("Token", claims.TokenId));
    }

    private static string Calls(LicenseClaims claims) => claims.Calls is not { } calls ? "any number"
        : claims.Window is { } window ? $"{Text.Count(calls)} in {Text.Each(window)}"
        : $"{Text.Count(calls)} in all";

    private static string Remote(RemoteTerms remote) =>
        ListOf(remote.Endpoints, "every one") + (remote.Desensitise.Count > 0 ? $", after removing {string.Join(", ", remote.Desensitise)}" : "");

    private static string Model(LicensedModel model) =>
        $"{model.Id} {(model.Versions.Equals(VersionRange.Any) ? "in every version" : model.Versions)}{(model.ManifestDigest is { } digest ? $", manifest {digest}" : "")}";

    private static string? Offline(LicenseClaims claims) => claims.Offline is not { } offline ? null
        : $"{Text.Span(offline.Max)} without a fresh status list{(offline.Grace > TimeSpan.Zero ? $", then {Text.Span(offline.Grace)} of grace" : "")}";

    private static string Validity(LicenseClaims claims, DateTimeOffset now)
    {
        var from = claims.NotBefore ?? claims.IssuedAt;
        var span = claims.Expires is { } end ? $"{Text.Of(from)} until {Text.Of(end)}" : $"{Text.Of(from)}, without end";
        return now < from ? $"{span} (not yet), begins {Text.FromNow(from, now)}"
            : claims.Expires is not { } expires ? span
            : now >= expires ? $"{span} (expired), {Text.FromNow(expires, now)}"
            : $"{span}, {Text.Roughly(expires - now)} from now";
    }

    // What a token does not say it takes from the one above; lists that are the same there need no second look.
    private static void WriteToken(Output output, LicenseClaims token, LicenseClaims? above, DateTimeOffset now) => output.Fields(
        ("  Issued", $"{Text.Of(token.IssuedAt)}, {Text.FromNow(token.IssuedAt, now)}; token {token.Sequence} of grant {token.LicenseId}"),
        ("  From", token.NotBefore is { } from ? Text.Of(from) : null),
        ("  Until", token.Expires is { } expires ? $"{Text.Of(expires)}, {Text.FromNow(expires, now)}" : null),
        ("  Calls", token.Calls is not null ? Calls(token) : null),
        ("  At once", token.Concurrent is { } concurrent ? Text.Count(concurrent) : null),
        ("  Offline", Offline(token)),
        ("  Status", token.Status is { } status ? $"{status.Uri}, index {status.Index}" : null),
        ("  Model", Changed(token.Models.Select(Model), above?.Models.Select(Model))),
        ("  Tasks", Changed(token.Tasks, above?.Tasks)),
        ("  Targets", Changed(token.Targets.Select(Name), above?.Targets.Select(Name))),
        ("  Providers", Changed(token.Providers, above?.Providers)),
        ("  Endpoints", token.Remote is { } remote ? Remote(remote) : null),
        ("  Watermark", token.Watermark),
        ("  To", token.Device is { } device ? $"the device {device}" : token.Delegate is { } to ? $"the holder of {to.Key.Thumbprint}, who may pass it on {(to.Depth == 1 ? "to devices" : $"{to.Depth} times in a row")}" : null));

    private static string? Changed(IEnumerable<string> items, IEnumerable<string>? above) =>
        items.ToList() is { Count: > 0 } list && (above is null || !list.SequenceEqual(above)) ? string.Join(", ", list) : null;

    private static string ListOf(IReadOnlyList<string> names, string all) =>
        names.Count == 0 ? "none" : names.Contains(Any) ? all : string.Join(", ", names);

    public static string Name(ExecutionTarget target) => Targets.First(name => name.Value == target).Word;
}
