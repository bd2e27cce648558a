using System.Text.Json;

namespace Coffer.Remote;

/// <summary>
/// A model that generates text on a server with the Open Inference Protocol's generate extension: KServe, Triton. The endpoint is the server's
/// root over HTTP, for example <c>https://triton.example.com:8000</c>; a path may precede <c>/v2</c>.
/// </summary>
public sealed record OpenInferenceGenerationOptions : RemoteTaskOptions
{
    /// <summary>The model's name on the server.</summary>
    public required string Model { get; init; }

    /// <summary>The version on the server. Default null: the server's choice.</summary>
    public string? Version { get; init; }

    /// <summary>
    /// Further members of each request beside <c>text_input</c>, which Triton gives to the model's inputs of these names: for its vLLM backend, which
    /// otherwise repeats the prompt, <c>exclude_input_in_output</c>. Default none.
    /// </summary>
    public IReadOnlyDictionary<string, JsonElement> Inputs { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Further parameters of each request, such as the <c>stream</c> that Triton's vLLM backend wants for a stream. Default none.</summary>
    public IReadOnlyDictionary<string, JsonElement> Parameters { get; init; } = new Dictionary<string, JsonElement>();

    internal string Path => new OpenInferenceModel(Model) { Version = Version }.Path;

    internal override void Validate()
    {
        base.Validate();
        ArgumentException.ThrowIfNullOrEmpty(Model);
        ArgumentNullException.ThrowIfNull(Inputs);
        ArgumentNullException.ThrowIfNull(Parameters);
    }
}
