namespace Coffer.Cli;

/// <summary>A file or folder of keys that <c>coffer keys init</c> makes, and what it is for.</summary>
/// <param name="Name">Its name in the folder.</param>
/// <param name="IsSecret">Whether it is for its owner alone.</param>
/// <param name="Purpose">What it is for.</param>
internal sealed record KeyFileRole(string Name, bool IsSecret, string Purpose)
{
    /// <summary>The files of a license issuer who is not the publisher.</summary>
    public static IReadOnlyList<KeyFileRole> OfIssuer(string issuer) =>
    [
        new("issuer.key", true, "signs licenses"),
        new("grants", true, "for the publisher's grants, which open with issuer.key"),
        new("issuer.jwk", false, "the issuer, for the publisher's 'coffer keys grant'"),
        new(Path.Combine("issuers", issuer + ".jwk"), false, "says the issuer's name, and its key as a trust folder has it"),
        new("trust", false, "for the content of the publisher's trust folder"),
    ];

    /// <summary>The files of a publisher who is license issuer and device, too.</summary>
    public static readonly IReadOnlyList<KeyFileRole> OfVendor =
    [
        new("root.key", true, "certifies publisher.key and signs the first issuer set; seldom needed, so keep it offline"),
        new("publisher.key", true, "signs bundles and opens the content keys"),
        new("content", true, "the content keys of packed models, wrapped to publisher.key"),
        new("issuer.key", true, "signs licenses"),
        new("grants", true, "the content keys that the issuer may license, wrapped to issuer.key"),
        new("device.key", true, "this machine as a device; a product makes one on each machine"),
        new("device.ledger", true, "what this device has used of its licenses"),
        new("trust", false, "whom an application trusts: ship this folder with it"),
        new("device.jwk", false, "this device, for who issues its licenses"),
        new("issuer.jwk", false, "the issuer, for a publisher's grants"),
        new("publisher.crt", false, "the signing certificate, which goes into every bundle"),
    ];

    /// <summary>The files of a device.</summary>
    public static readonly IReadOnlyList<KeyFileRole> OfDevice =
    [
        new("device.key", true, "this machine as a device"),
        new("device.ledger", true, "what this device has used of its licenses"),
        new("device.jwk", false, "this device, for who issues its licenses"),
    ];
}
