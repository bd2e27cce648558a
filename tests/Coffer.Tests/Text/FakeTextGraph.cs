using Coffer.Inference;
using Coffer.Tensors;
using Coffer.Testing;

namespace Coffer.Tests.Text;

/// <summary>A graph over tokens whose outputs a test says: of each row, from its tokens without padding.</summary>
internal sealed class FakeTextGraph : IDisposable
{
    private const int TokenLimit = 64;

    private FakeTextGraph(IReadOnlyList<TensorDescription> outputs, Func<long[], int, int, float[][]> rows)
    {
        Dimension[] shape = [new(null, "batch_size"), new(null, "sequence_length")];
        Runner = new FakeModelRunner(new FakeGraph(
            "model",
            [.. new[] { "input_ids", "attention_mask", "token_type_ids" }.Select(name => new TensorDescription(name, ElementType.Int64, shape))],
            outputs,
            inputs => Run(inputs, outputs, rows)));
    }

    public FakeModelRunner Runner { get; }

    /// <summary>One number a class, from a row's tokens: <c>logits</c> [batch, classes].</summary>
    public static FakeTextGraph OfClasses(int classes, Func<long[], float[]> logits) =>
        new([Output("logits", new Dimension(classes))], (ids, _, _) => [logits(ids)]);

    /// <summary>Numbers for each token: [batch, tokens, width]; padding gets numbers that no test expects.</summary>
    public static FakeTextGraph OfTokens(string output, int width, Func<long, float[]> numbers) =>
        new([Output(output, new Dimension(null, "sequence_length"), new Dimension(width))], (ids, start, length) => [Padded(ids, start, length, width, numbers)]);

    /// <summary>As <see cref="OfTokens"/>, and an embedding of the row.</summary>
    public static FakeTextGraph OfSentence(int width, Func<long[], float[]> sentence, Func<long, float[]>? numbers = null) => numbers is null
        ? new([Output("sentence_embedding", new Dimension(width))], (ids, _, _) => [sentence(ids)])
        : new(
            [Output("token_embeddings", new Dimension(null, "sequence_length"), new Dimension(width)), Output("sentence_embedding", new Dimension(width))],
            (ids, start, length) => [Padded(ids, start, length, width, numbers), sentence(ids)]);

    /// <summary>Where an answer begins and ends: [batch, tokens] each.</summary>
    public static FakeTextGraph OfSpans(Func<long[], int, float> begin, Func<long[], int, float> end) => new(
        [Output("start_logits", new Dimension(null, "sequence_length")), Output("end_logits", new Dimension(null, "sequence_length"))],
        (ids, start, length) =>
        [
            [.. Enumerable.Range(0, length).Select(i => i < start || i >= start + ids.Length ? 99 : begin(ids, i - start))],
            [.. Enumerable.Range(0, length).Select(i => i < start || i >= start + ids.Length ? 99 : end(ids, i - start))],
        ]);

    public void Dispose() => Runner.Dispose();

    private static float[] Padded(long[] ids, int start, int length, int width, Func<long, float[]> numbers) =>
        [.. Enumerable.Range(0, length).SelectMany(i => i < start || i >= start + ids.Length ? [.. Enumerable.Repeat(99f, width)] : numbers(ids[i - start]))];

    private static TensorDescription Output(string name, params Dimension[] dimensions) => new(name, ElementType.Float32, [new Dimension(null, "batch_size"), .. dimensions]);

    private static Dictionary<string, Tensor> Run(IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyList<TensorDescription> outputs, Func<long[], int, int, float[][]> rows)
    {
        var ids = inputs["input_ids"];
        var mask = inputs["attention_mask"].AsSpan<long>().ToArray();
        var (batch, length) = ((int)ids.Shape[0], (int)ids.Shape[1]);
        Assert.InRange(length, 1, TokenLimit);
        var values = new List<float[]>[outputs.Count];
        for (var row = 0; row < batch; row++)
        {
            var first = Array.IndexOf(mask, 1, row * length, length) - (row * length);
            var count = mask.AsSpan(row * length, length).Count(1);
            var results = rows(ids.AsSpan<long>().Slice((row * length) + first, count).ToArray(), first, length);
            for (var output = 0; output < outputs.Count; output++)
            {
                (values[output] ??= []).Add(results[output]);
            }
        }

        return outputs.Select((output, place) => KeyValuePair.Create(output.Name, Tensor.Create(
            values[place].SelectMany(row => row).ToArray(),
            [batch, .. output.Dimensions.Skip(1).Select(dimension => dimension.Size ?? length)]))).ToDictionary(StringComparer.Ordinal);
    }
}
