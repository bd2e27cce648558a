namespace Coffer.Bundles;

/// <summary>Why a JWS or a JWE was refused before any cryptography.</summary>
internal enum JoseError
{
    Malformed,
    AlgorithmRefused,
    HeaderRefused,
    WrongType,
}
