using Coffer.Text;

namespace Coffer.Packaging;

/// <summary>
/// Which of an exported model's graphs a task needs, the one that runs first at the beginning. Exporters write a decoder three times: merged, and
/// once each for the first run and those after it.
/// </summary>
internal static class TaskGraphs
{
    public static IReadOnlyList<ExportedGraph> Of(string task, IReadOnlyList<ExportedGraph> graphs)
    {
        if (task is not (ModelTasks.TextGeneration or ModelTasks.Translation or ModelTasks.Summarization))
        {
            return graphs;
        }

        var isMerged = graphs.Any(graph => graph is { Name: GenerationGraphs.Merged, Variant: null });
        return [.. graphs.Where(graph => !isMerged || graph.Name is not (GenerationGraphs.First or GenerationGraphs.Next)).OrderBy(graph => graph.Name is not (GenerationGraphs.Merged or GenerationGraphs.First))];
    }
}
