using System.Text;

namespace Coffer.Bundles;

/// <summary>
/// A publisher's issuer set file, read and not yet verified: everything in it is a claim. Every version of the set is in it, oldest
/// first, a compact JWS a line; each is signed by a key that the version before names. Give it to
/// <see cref="TrustStore.Update"/>, which verifies it. Immutable.
/// </summary>
public sealed class IssuerSetFile
{
    internal const int MaxLength = 256 << 10;
    internal const int MaxVersions = 64;

    private IssuerSetFile(IReadOnlyList<IssuerSetToken> tokens)
    {
        Tokens = tokens;
        Versions = [.. tokens.Select(token => token.Claims)];
    }

    /// <summary>Whose set it says it is.</summary>
    public string Publisher => Newest.Publisher;

    /// <summary>The versions, oldest first, consecutive; unverified: for showing them, never for deciding.</summary>
    public IReadOnlyList<IssuerSetClaims> Versions { get; }

    /// <summary>The last of <see cref="Versions"/>.</summary>
    public IssuerSetClaims Newest => Versions[^1];

    internal IReadOnlyList<IssuerSetToken> Tokens { get; }

    /// <summary>Reads a file of at most 256 KiB and 64 versions.</summary>
    /// <exception cref="TrustException"><see cref="TrustError.NotFound"/>, or as <see cref="Parse"/>.</exception>
    public static IssuerSetFile Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return Parse(Encoding.UTF8.GetString(KeyStorage.ReadPublic(path, MaxLength, "Ask the publisher for its issuer set.")));
        }
        catch (KeyException e)
        {
            throw new TrustException(e.Error is KeyError.NotFound ? TrustError.NotFound : TrustError.Malformed, e.Message, e);
        }
    }

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="TrustException"><see cref="TrustError.Malformed"/> or <see cref="TrustError.VersionSkipped"/>.</exception>
    public static IssuerSetFile Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            var file = new IssuerSetFile([.. SplitLines(text).Select(IssuerSetToken.Parse)]);
            file.RequireOnePublisher();
            file.RequireConsecutive();
            return file;
        }
        catch (JoseException e)
        {
            throw new TrustException(TrustError.Malformed, $"The issuer set is refused. One of its lines is no token of it: {e.Message}. Fetch the file again from its publisher.");
        }
        catch (FormatException e)
        {
            throw new TrustException(TrustError.Malformed, $"The issuer set is refused. {e.Message} Fetch the file again from its publisher, or update the SDK.");
        }
    }

    /// <summary>The text of the file.</summary>
    public string ToText() => string.Concat(Tokens.Select(token => token.Text + "\n"));

    /// <summary>Writes the file; one that is there is replaced, whole or not at all.</summary>
    public Task SaveAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return DurableFile.WriteAsync(path, file => RandomAccess.WriteAsync(file, Encoding.ASCII.GetBytes(ToText()), 0, cancellationToken).AsTask());
    }

    /// <summary>Whose, and which versions.</summary>
    public override string ToString() => $"IssuerSetFile of {Publisher}, versions {Versions[0].Version} to {Newest.Version} (unverified)";

    // Limits precede work: no line is looked at before all of them are counted. Every line ends with its line feed, the last one,
    // too: a file that was cut short is no file.
    private static string[] SplitLines(string text)
    {
        if (text.Length > MaxLength)
        {
            throw new FormatException($"It has {text.Length} characters; at most {MaxLength} may be there.");
        }

        var count = text.AsSpan().Count('\n');
        if (count is 0 or > MaxVersions)
        {
            throw new FormatException($"It has {count} lines; 1 to {MaxVersions} may be there.");
        }

        return text[^1] == '\n' ? text[..^1].Split('\n') : throw new FormatException("Its last line does not end: something is missing.");
    }

    private void RequireOnePublisher()
    {
        if (Versions.FirstOrDefault(version => version.Publisher != Publisher) is { } other)
        {
            throw new FormatException($"It mixes sets of '{other.Publisher}' and '{Publisher}'.");
        }
    }

    private void RequireConsecutive()
    {
        for (var i = 1; i < Versions.Count; i++)
        {
            if (Versions[i].Version - 1 != Versions[i - 1].Version)
            {
                throw new TrustException(TrustError.VersionSkipped, $"The issuer set of '{Publisher}' has version {Versions[i].Version} after version {Versions[i - 1].Version}; none may be missing or stand twice. Fetch the file again from its publisher.");
            }
        }
    }
}
