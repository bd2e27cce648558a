using Coffer.Inference;

namespace Coffer.Text;

/// <summary>
/// Which graphs of a model do what, by the names that exporters give them: one graph, a merged one, or one for the first run and one for
/// those after it; with an encoder before them or without.
/// </summary>
internal sealed class GenerationGraphs
{
    /// <summary>Reads the text to answer to.</summary>
    public const string Encoder = "encoder_model";

    /// <summary>Does what the two others do.</summary>
    public const string Merged = "decoder_model_merged";

    /// <summary>Runs first, without a cache.</summary>
    public const string First = "decoder_model";

    /// <summary>Runs with a cache.</summary>
    public const string Next = "decoder_with_past_model";

    private GenerationGraphs(IModelRunner runner, EncoderGraph? encoder, DecoderGraph begin, DecoderGraph next)
    {
        Runner = runner;
        EncoderGraph = encoder;
        BeginGraph = begin;
        NextGraph = next;
    }

    public IModelRunner Runner { get; }

    /// <summary>Null for a model that is a decoder alone.</summary>
    public EncoderGraph? EncoderGraph { get; }

    /// <summary>For the first run, without a cache.</summary>
    public DecoderGraph BeginGraph { get; }

    /// <summary>For the runs after it; the same graph where one does both.</summary>
    public DecoderGraph NextGraph { get; }

    public bool HasCache => NextGraph.Cache.Count > 0;

    /// <summary>Whether they take several texts in one run, by their shapes.</summary>
    public bool TakesRows => EncoderGraph?.TakesRows is not false && BeginGraph.TakesRows && NextGraph.TakesRows;

    /// <summary>Whether their masks can say what is padding.</summary>
    public bool TakesPadding => EncoderGraph?.TakesPadding is not false && BeginGraph.TakesPadding && NextGraph.TakesPadding;

    public ModelSignature Signature => Runner.Describe(NextGraph.Name);

    /// <summary>A decoder alone.</summary>
    /// <param name="runner">Runs the graphs; stays the caller's.</param>
    /// <param name="names">The model's graphs, the main one first.</param>
    /// <param name="shapes">What config.json says of the cache.</param>
    /// <exception cref="InferenceException">The model is none (<see cref="InferenceError.InvalidSettings"/>), or the runner can't carry a cache (<see cref="InferenceError.NotCapable"/>).</exception>
    public static GenerationGraphs OfDecoder(IModelRunner runner, IReadOnlyList<string> names, CacheShape shapes)
    {
        var begin = Decoder(runner, names.Contains(Merged) ? Merged : names.Contains(First) ? First : names[0], shapes);
        if (begin.TakesEncoderStates)
        {
            throw begin.Invalid($"takes {DecoderGraph.EncoderStates}: it belongs to a model that has an encoder, which is for the task {ModelTasks.Translation} or {ModelTasks.Summarization}");
        }

        return Checked(new GenerationGraphs(runner, null, begin, After(runner, begin, names, shapes)));
    }

    /// <summary>An encoder and its decoder.</summary>
    /// <inheritdoc cref="OfDecoder" path="/param|/exception"/>
    public static GenerationGraphs OfEncoderDecoder(IModelRunner runner, IReadOnlyList<string> names, CacheShape shapes)
    {
        var decoder = names.Contains(Merged) ? Merged : First;
        if (!names.Contains(Encoder) || !names.Contains(decoder))
        {
            throw new InferenceException(InferenceError.InvalidSettings, $"A model that translates or summarizes has the graphs '{Encoder}' and '{First}' or '{Merged}'; this one has {string.Join(", ", names.Select(name => $"'{name}'"))}. Pack the folder that holds all of them.");
        }

        var begin = Decoder(runner, decoder, shapes);
        if (!begin.TakesEncoderStates)
        {
            throw begin.Invalid($"has no input named {DecoderGraph.EncoderStates}");
        }

        return Checked(new GenerationGraphs(runner, new EncoderGraph(runner.Describe(Encoder)), begin, After(runner, begin, names, shapes)));
    }

    private static DecoderGraph Decoder(IModelRunner runner, string name, CacheShape shapes) => new(runner.Describe(name), shapes);

    private static DecoderGraph After(IModelRunner runner, DecoderGraph begin, IReadOnlyList<string> names, CacheShape shapes) =>
        begin.Cache.Count == 0 && names.Contains(Next) ? Decoder(runner, Next, shapes) : begin;

    private static GenerationGraphs Checked(GenerationGraphs graphs)
    {
        var (begin, next) = (graphs.BeginGraph, graphs.NextGraph);
        if (!begin.Begins)
        {
            throw begin.Invalid($"takes a cache of the encoder's output, so that it can't run first. The graph '{First}' or '{Merged}' is missing");
        }

        if (next.Cache.Find(tensor => !begin.GivesCache.Contains(tensor.Output)) is { } lost)
        {
            throw next.Invalid($"takes {lost.Input}, but the graph '{begin.Name}' doesn't give {lost.Output}");
        }

        var signature = graphs.Signature;
        if (!signature.Capabilities.Synchronous || (graphs.HasCache && !signature.Capabilities.Carry))
        {
            throw new InferenceException(InferenceError.NotCapable, $"The model runs on {signature.ExecutionProvider}, which can't keep a key-value cache between runs. Generate on this device, or through a chat endpoint.");
        }

        return graphs;
    }
}
