using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Coffer;

/// <summary>The names under which Coffer emits traces and metrics, for <c>AddSource</c> and <c>AddMeter</c> of OpenTelemetry.</summary>
public static class CofferDiagnostics
{
    /// <summary>
    /// The name of the <see cref="ActivitySource"/>: <c>coffer.open</c>, <c>coffer.predict</c>, <c>coffer.hybrid</c> and, for each side that it
    /// tries, <c>coffer.leg</c> spans. The <c>coffer.predict</c> span of a language model or an embedder is shown under the name of OpenTelemetry's conventions for
    /// generative AI, for example <c>chat acme/help</c>, and has their attributes: <c>gen_ai.operation.name</c>, <c>gen_ai.usage.input_tokens</c> and so on.
    /// </summary>
    public const string ActivitySourceName = "Coffer";

    /// <summary>
    /// The name of the <see cref="Meter"/>: <c>coffer.open.duration</c> and <c>coffer.predict.duration</c> (seconds),
    /// <c>coffer.predict.inputs</c> (inputs charged), <c>coffer.refusals</c> (by reason) and <c>coffer.license.states</c> (licenses
    /// that were opened in, or came into, a state: <c>current</c>, <c>advisory</c>, <c>grace</c>). Of hybrid predictors:
    /// <c>coffer.hybrid.leg.duration</c> (seconds, by target and outcome), <c>coffer.hybrid.fallbacks</c> (by direction and reason),
    /// <c>coffer.hybrid.circuit_changes</c> (by endpoint and state) and <c>coffer.redactions</c> (by kind, what was removed before it left).
    /// Of language models and embedders, as OpenTelemetry's conventions for generative AI name them: <c>gen_ai.client.operation.duration</c> (seconds),
    /// <c>gen_ai.client.token.usage</c> (tokens, by type) and <c>gen_ai.server.time_to_first_token</c> (seconds). No prompt and no answer is recorded.
    /// </summary>
    public const string MeterName = "Coffer";

    internal static readonly ActivitySource Source = new(ActivitySourceName, Bundles.SdkInfo.Version.ToString());

    internal static readonly Meter Meter = new(MeterName, Bundles.SdkInfo.Version.ToString());

    internal static readonly Histogram<double> OpenDuration = Meter.CreateHistogram<double>("coffer.open.duration", "s", "From the file to a model that is ready to predict.");

    internal static readonly Histogram<double> PredictDuration = Meter.CreateHistogram<double>("coffer.predict.duration", "s", "From the call to its result, pre- and post-processing included.");

    internal static readonly Counter<long> PredictInputs = Meter.CreateCounter<long>("coffer.predict.inputs", "{input}", "Inputs that licenses were charged for.");

    internal static readonly Histogram<double> LegDuration = Meter.CreateHistogram<double>("coffer.hybrid.leg.duration", "s", "One side of a hybrid call, retries included.");

    internal static readonly Counter<long> Fallbacks = Meter.CreateCounter<long>("coffer.hybrid.fallbacks", "{call}", "Calls that moved from one side to the other, by reason.");

    internal static readonly Counter<long> CircuitChanges = Meter.CreateCounter<long>("coffer.hybrid.circuit_changes", "{change}", "Endpoints that were left alone, tried again or taken back.");

    internal static readonly Counter<long> Redactions = Meter.CreateCounter<long>("coffer.redactions", "{span}", "What was removed from inputs before they left, by kind.");

    internal static readonly Counter<long> Refusals = Meter.CreateCounter<long>("coffer.refusals", "{refusal}", "Bundles rejected and licenses refused, by reason.");

    internal static readonly Counter<long> LicenseStates = Meter.CreateCounter<long>("coffer.license.states", "{license}", "Licenses that were opened in, or came into, a state.");

    /// <summary>Says how well a license is known to stand: never in silence where that is less than well.</summary>
    internal static void ReportState(ILogger logger, Bundles.Entitlement entitlement)
    {
        LicenseStates.Add(1, new TagList { { "coffer.license.state", entitlement.State.ToString().ToLowerInvariant() } });
        if (entitlement.State is Bundles.EntitlementState.Grace)
        {
            logger.LogWarning("The license {License} for {Model} is in its grace: no fresh status list of {Issuer} is at hand, and from {RefusedFrom:u} calls are refused", entitlement.LicenseId, entitlement.BundleId, entitlement.Issuer, entitlement.RefusedFrom);
        }
        else if (entitlement.State is Bundles.EntitlementState.Advisory)
        {
            logger.LogWarning("No fresh status list of {Issuer} is at hand: a revocation of the license {License} for {Model} would not be known", entitlement.Issuer, entitlement.LicenseId, entitlement.BundleId);
        }
    }

    /// <summary>Counts a refusal by its reason; what was refused stays out of it.</summary>
    internal static void CountRefusal(CofferException exception)
    {
        var reason = exception switch
        {
            Bundles.BundleException e => e.Error.ToString(),
            Bundles.LicenseException e => e.Error.ToString(),
            _ => null,
        };
        if (reason is not null)
        {
            Refusals.Add(1, new TagList { { "error.type", reason } });
        }
    }
}
