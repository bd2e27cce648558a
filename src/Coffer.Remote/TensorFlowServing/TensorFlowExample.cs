namespace Coffer.Remote;

/// <summary>
/// One input of TensorFlow Serving's <c>Classify</c> and <c>Regress</c>: named lists of numbers or texts (tf.Example). Each name once.
/// </summary>
public sealed record TensorFlowExample
{
    /// <summary>Features of floating point numbers. Default none.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<float>> Floats { get; init; } = new Dictionary<string, IReadOnlyList<float>>();

    /// <summary>Features of integers. Default none.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<long>> Integers { get; init; } = new Dictionary<string, IReadOnlyList<long>>();

    /// <summary>Features of texts, sent as UTF-8. Default none.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Texts { get; init; } = new Dictionary<string, IReadOnlyList<string>>();
}
