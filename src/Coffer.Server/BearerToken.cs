using System.Security.Cryptography;
using System.Text;

namespace Coffer.Server;

/// <summary>
/// A token that callers show in the header <c>Authorization: Bearer …</c> (RFC 6750). Only its digest is kept. Prints as redacted.
/// </summary>
public sealed class BearerToken
{
    /// <summary>The fewest characters of a token: 16, which 128 random bits need no fewer than in base64.</summary>
    public const int MinLength = 16;

    private readonly byte[] _digest;

    private BearerToken(string text) => _digest = SHA256.HashData(Encoding.UTF8.GetBytes(text));

    /// <summary>A token from its text.</summary>
    /// <param name="text">The text, at least <see cref="MinLength"/> visible ASCII characters.</param>
    /// <exception cref="ArgumentException">It is too short, or has other characters.</exception>
    public static BearerToken Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length >= MinLength && !text.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? new BearerToken(text)
            : throw new ArgumentException($"A token is {MinLength} or more visible ASCII characters without spaces. Make one with: openssl rand -base64 32", nameof(text));
    }

    /// <summary>Tokens from a file, one a line: two while one takes the other's place. Empty lines and those that begin with <c>#</c> don't count.</summary>
    /// <param name="path">The file's path.</param>
    /// <exception cref="ArgumentException">A line is no token, or there is none.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static IReadOnlyList<BearerToken> Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        List<BearerToken> tokens = [.. File.ReadAllLines(path).Select(line => line.Trim()).Where(line => line is not ("" or ['#', ..])).Select(Parse)];
        return tokens.Count > 0 ? tokens : throw new ArgumentException($"There is no token in '{path}'. Write one a line.", nameof(path));
    }

    /// <inheritdoc/>
    public override string ToString() => "BearerToken (redacted)";

    /// <summary>Whether it is this one; takes as long either way.</summary>
    internal bool Matches(ReadOnlySpan<byte> digest) => CryptographicOperations.FixedTimeEquals(_digest, digest);
}
