namespace Coffer.Bundles;

/// <summary>The names of numbers that only ever grow on a device: a lower one is a step back.</summary>
internal static class LedgerMark
{
    /// <summary>The highest <c>sequence</c> of a model's bundles, for each application.</summary>
    public static string Bundle(string id, string? audience) => audience is null ? $"bundle {id}" : $"bundle {id} {audience}";

    /// <summary>The <c>iat</c> of the newest list at an address by a signer: Unix seconds.</summary>
    public static string StatusList(JsonWebKey signer, string uri) => $"status {signer.Thumbprint} {uri}";

    /// <summary>The newest <c>iat</c> of all lists by a signer, a floor for the clock of its licenses: Unix seconds.</summary>
    public static string SignedTime(JsonWebKey signer) => $"time {signer.Thumbprint}";

    /// <summary>The version of a publisher's issuer set.</summary>
    public static string IssuerSet(string publisher) => $"issuers {publisher}";
}
