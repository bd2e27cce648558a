namespace Coffer.Text;

/// <summary>The kinds of content that can be removed from an input before it leaves: what a license's <c>remote.desensitise</c> names.</summary>
public static class RedactionKinds
{
    /// <summary>E-mail addresses (RFC 5322, with a domain that has a top level).</summary>
    public const string Email = "email";

    /// <summary>Telephone numbers: international, or national as their countries write them.</summary>
    public const string Phone = "phone";

    /// <summary>Payment cards: ISO/IEC 7812 numbers of the large brands, by Luhn's check digit.</summary>
    public const string Card = "card";

    /// <summary>Bank accounts: IBAN (ISO 13616), by country, length and check digits.</summary>
    public const string Iban = "iban";

    /// <summary>National ids and tax numbers of persons, by form and check digits.</summary>
    public const string NationalId = "national-id";

    /// <summary>IP addresses, version 4 and 6.</summary>
    public const string Ip = "ip";

    /// <summary>User names and passwords in addresses (RFC 3986 §3.2.1), and secrets in their queries.</summary>
    public const string UrlCredentials = "url-credentials";

    /// <summary>Names of persons, which a model finds: <see cref="ITextSpanFinder"/>.</summary>
    public const string Names = "names";

    /// <summary>Faces in pictures.</summary>
    public const string Faces = "faces";

    /// <summary>What a file carries beside its content: EXIF, position, file name.</summary>
    public const string Metadata = "metadata";

    /// <summary>The kinds that <see cref="TextRedactor"/> finds by itself.</summary>
    public static IReadOnlyList<string> InText { get; } = [Email, Phone, Card, Iban, NationalId, Ip, UrlCredentials];

    /// <summary>The kinds that no text has.</summary>
    internal static IReadOnlyList<string> OfPictures { get; } = [Faces, Metadata];
}
