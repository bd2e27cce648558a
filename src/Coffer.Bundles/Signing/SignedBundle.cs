namespace Coffer.Bundles;

/// <summary>A bundle whose structure was read and whose signature was not yet checked: its manifest is a claim.</summary>
public sealed class SignedBundle
{
    private SignedBundle()
    {
    }
}
