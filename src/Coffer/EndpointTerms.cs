using Coffer.Bundles;
using Coffer.Inference;

namespace Coffer;

/// <summary>What a license says about an endpoint: asked once of each license that is in force, and per call only about the input.</summary>
internal sealed class EndpointTerms(Uri endpoint)
{
    private volatile Entitlement? _allowing;

    /// <exception cref="LicenseException">Inputs may not go there, or not with what is in them.</exception>
    public void Require(Entitlement entitlement)
    {
        if (!ReferenceEquals(_allowing, entitlement))
        {
            entitlement.RequireEndpoint(endpoint);
            _allowing = entitlement;
        }

        entitlement.RequireDesensitised(RemovedKinds.Current);
    }
}
