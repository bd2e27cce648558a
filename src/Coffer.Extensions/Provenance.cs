using Coffer.Inference;
using Coffer.Text;
using Microsoft.Extensions.AI;

namespace Coffer.Extensions;

/// <summary>What really produced an answer, and the license's mark, as additional properties.</summary>
internal static class Provenance
{
    public static AdditionalPropertiesDictionary Of<T>(Prediction<T> prediction)
    {
        var properties = new AdditionalPropertiesDictionary
        {
            [CofferProperties.ModelDigest] = prediction.ModelDigest,
            [CofferProperties.ExecutionProvider] = prediction.ExecutionProvider,
            [CofferProperties.Target] = prediction.Target.ToString(),
        };
        if (prediction.Watermark is { } watermark)
        {
            properties[CofferProperties.Watermark] = watermark;
        }

        return properties;
    }

    public static AdditionalPropertiesDictionary? Of(GeneratedToken last) =>
        last.Watermark is { } watermark ? new AdditionalPropertiesDictionary { [CofferProperties.Watermark] = watermark } : null;
}
