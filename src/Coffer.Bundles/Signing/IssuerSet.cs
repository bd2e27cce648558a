namespace Coffer.Bundles;

/// <summary>
/// A verified version of a publisher's issuer set: who may license its models, and which certificates sign its bundles, now. Only
/// <see cref="TrustStore.Update"/> and <see cref="Pin"/> make one. Immutable.
/// </summary>
public sealed class IssuerSet
{
    internal IssuerSet(IssuerSetToken token, IssuerSet? previous)
    {
        Token = token.Text;
        Claims = token.Claims;
        Previous = previous;
    }

    /// <summary>What the publisher signed.</summary>
    public IssuerSetClaims Claims { get; }

    /// <summary>Its number: <c>ver</c>.</summary>
    public int Version => Claims.Version;

    internal string Token { get; }

    /// <summary>The version before, where it is known.</summary>
    internal IssuerSet? Previous { get; }

    /// <summary>
    /// Trusts the newest version of a file without asking who signed its first: for a file that comes with the application as its
    /// roots do, where the versions before that one are gone. That each signed the next is checked all the same.
    /// </summary>
    /// <exception cref="TrustException"><see cref="TrustError.SignatureInvalid"/>: a version is not signed by a key of the one before.</exception>
    public static IssuerSet Pin(IssuerSetFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return file.Tokens.Skip(1).Aggregate(new IssuerSet(file.Tokens[0], previous: null), IssuerSetVerifier.Follow);
    }

    /// <summary>Whose, and which version.</summary>
    public override string ToString() => $"IssuerSet {Version} of {Claims.Publisher}";

    internal IssuerSet? Find(int version)
    {
        var set = this;
        while (set is not null && set.Version > version)
        {
            set = set.Previous;
        }

        return set?.Version == version ? set : null;
    }
}
