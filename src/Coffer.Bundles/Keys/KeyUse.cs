namespace Coffer.Bundles;

/// <summary>What a JSON Web Key may be used for, by its <c>use</c>, <c>alg</c> and <c>key_ops</c> (RFC 7517 §4).</summary>
internal enum KeyUse
{
    Any,
    Signature,
    Encryption,
}
