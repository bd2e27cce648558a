using Coffer.Inference;
using Coffer.Text;

namespace Coffer.Remote;

/// <summary>Options that a protocol has no field for are refused by name: ignored, they would change results in silence.</summary>
internal static class UnmappedOptions
{
    /// <param name="protocol">The protocol.</param>
    /// <param name="options">The options, and whether each is set.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.NotCapable"/>: one is set.</exception>
    public static void Refuse(string protocol, params ReadOnlySpan<(string Name, bool IsSet)> options)
    {
        var names = new List<string>();
        foreach (var (name, isSet) in options)
        {
            if (isSet)
            {
                names.Add(name);
            }
        }

        if (names.Count > 0)
        {
            throw new InferenceException(InferenceError.NotCapable, $"{protocol} has no field for {string.Join(", ", names)}. Leave {(names.Count == 1 ? "it" : "them")} out, or run the model on this device. Nothing was sent.");
        }
    }

    /// <summary>The options of generation that no protocol here has. <see cref="GenerationOptions.MaxCacheBytes"/> is about this device's memory.</summary>
    public static (string Name, bool IsSet)[] Generation(GenerationOptions options) =>
    [
        (nameof(options.NoRepeatNgramSize), options.NoRepeatNgramSize is > 0),
        (nameof(options.ForcedFirstToken), options.ForcedFirstToken is not null),
        (nameof(options.ForcedLastToken), options.ForcedLastToken is not null),
        (nameof(options.SuppressTokens), options.SuppressTokens is { Count: > 0 }),
        (nameof(options.SuppressFirstTokens), options.SuppressFirstTokens is { Count: > 0 }),
        (nameof(options.BadWords), options.BadWords.Count > 0),
        (nameof(options.EndOfSequence), options.EndOfSequence is not null),
        (nameof(options.Beams), options.Beams is > 1),
        (nameof(options.LengthPenalty), options.LengthPenalty is not null),
        (nameof(options.EarlyStopping), options.EarlyStopping is not null),
        (nameof(options.LogitsProcessors), options.LogitsProcessors.Count > 0),
    ];

    /// <exception cref="ArgumentException">A stream of several sequences is asked for.</exception>
    public static void RequireOneSequence(GenerationOptions options)
    {
        if (options.Sequences > 1)
        {
            throw new ArgumentException($"A stream gives one sequence as it comes. Use PredictAsync with {nameof(GenerationOptions.Sequences)} {options.Sequences}.", nameof(options));
        }
    }
}
