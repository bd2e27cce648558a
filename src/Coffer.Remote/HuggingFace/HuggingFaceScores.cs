using System.Text.Json;

namespace Coffer.Remote;

/// <summary>
/// Labels and scores in the shapes that servers give them: <c>[{"label", "score"}, …]</c> (TEI, inference API), the same in one more array (inference
/// toolkit), or <c>{"labels": […], "scores": […]}</c> (the pipelines' own, for zero-shot).
/// </summary>
internal static class HuggingFaceScores
{
    /// <exception cref="Inference.RemoteException">It is none of these, or empty.</exception>
    public static IReadOnlyList<(string Label, float Score)> Read(TaskEndpoint endpoint, JsonElement root)
    {
        if (root.ValueKind == JsonValueKind.Array && root.GetArrayLength() == 1 && root[0].ValueKind is JsonValueKind.Array || IsAnswerInArray(root))
        {
            root = root[0];
        }

        List<(string, float)> scores = [];
        if (root.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in root.EnumerateArray())
            {
                scores.Add((Member(endpoint, item, "label", JsonValueKind.String).GetString()!, Score(endpoint, Member(endpoint, item, "score", JsonValueKind.Number))));
            }
        }
        else
        {
            var labels = Member(endpoint, root, "labels", JsonValueKind.Array);
            var numbers = Member(endpoint, root, "scores", JsonValueKind.Array);
            if (labels.GetArrayLength() != numbers.GetArrayLength())
            {
                throw endpoint.InvalidReply("it has more labels than scores, or fewer");
            }

            foreach (var (label, score) in labels.EnumerateArray().Zip(numbers.EnumerateArray()))
            {
                scores.Add((label.ValueKind == JsonValueKind.String ? label.GetString()! : throw endpoint.InvalidReply("a label is not a text"), Score(endpoint, score)));
            }
        }

        return scores.Count > 0 ? scores : throw endpoint.InvalidReply("it has no label");
    }

    private static bool IsAnswerInArray(JsonElement root) =>
        root.ValueKind == JsonValueKind.Array && root.GetArrayLength() == 1 && root[0].ValueKind == JsonValueKind.Object && root[0].TryGetProperty("labels", out _);

    private static JsonElement Member(TaskEndpoint endpoint, JsonElement item, string name, JsonValueKind kind) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var value) && value.ValueKind == kind ? value : throw endpoint.InvalidReply($"it has no {name} where one belongs");

    private static float Score(TaskEndpoint endpoint, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out var score) && float.IsFinite(score) ? score : throw endpoint.InvalidReply("a score is not a number");
}
