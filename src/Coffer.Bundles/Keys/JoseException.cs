namespace Coffer.Bundles;

/// <summary>A compact token was refused. Never leaves the assembly: licenses and keys have their own exceptions.</summary>
internal sealed class JoseException(JoseError error, string message) : Exception(message)
{
    public JoseError Error { get; } = error;
}
