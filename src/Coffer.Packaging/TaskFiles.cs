using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Onnx;
using Coffer.Text;
using Coffer.Vision;

namespace Coffer.Packaging;

/// <summary>The files that a task needs beside its graphs, and whether they fit them: found out when packing, not on a customer's device.</summary>
internal static class TaskFiles
{
    private static readonly HashSet<string> OverTokens = new(StringComparer.Ordinal)
    {
        ModelTasks.TextClassification, ModelTasks.TokenClassification, ModelTasks.FeatureExtraction,
        ModelTasks.TextRanking, ModelTasks.ZeroShotClassification, ModelTasks.QuestionAnswering,
    };

    /// <summary>The model's own files, with the labels and the preprocessing that the publisher gave in their place.</summary>
    /// <exception cref="PackagingException">The task is unknown, or lacks a file that it needs.</exception>
    public static IReadOnlyList<ExportedFile> For(PackOptions options, IReadOnlyList<ExportedFile> exported)
    {
        if (!ModelTasks.All.Contains(options.Task))
        {
            throw new PackagingException(PackagingError.InvalidSettings, $"This version has no predictor for the task '{options.Task}'. It has {string.Join(", ", ModelTasks.All)}; '{ModelTasks.Tensors}' takes every model.");
        }

        var files = exported.ToDictionary(file => file.Name, StringComparer.Ordinal);
        if (options.LabelsPath is { } labels)
        {
            Set(files, LabelList.Parse(Path.GetFileName(labels), ReadLabels(labels)).ToFile());
        }

        if (options.Preprocessing is { } preprocessing)
        {
            Set(files, PreprocessorConfig.Write(preprocessing));
        }

        if (options.Task == ModelTasks.ImageClassification && !files.ContainsKey(PreprocessorConfig.FileName))
        {
            throw new PackagingException(PackagingError.InvalidSettings, $"An image classifier needs to know how pictures become its input: pack the folder that holds the model and its {PreprocessorConfig.FileName}, or give size, crop, mean and standard deviation.");
        }

        return [.. files.Values.OrderBy(file => file.Name, StringComparer.Ordinal)];
    }

    /// <summary>Makes the task's predictor over the packed graphs, which checks settings, labels and graphs against each other.</summary>
    /// <exception cref="PackagingException">They don't fit (<see cref="PackagingError.InvalidSettings"/>).</exception>
    public static void RequireFit(string task, IReadOnlyList<ExportedFile> files, IReadOnlyList<PackedGraph> graphs)
    {
        if (task == ModelTasks.Tensors)
        {
            return;
        }

        try
        {
            var byName = files.ToDictionary(file => file.Name, file => file.Bytes, StringComparer.Ordinal);
            using var runner = new OnnxModelRunner([.. graphs.Select(graph => new OnnxGraphSource(graph.FullName, _ => Load(graph)))], ExecutionOptions.Default);
            using var predictor = Predictor(task, byName, runner, [.. graphs.Select(graph => graph.FullName)]);
            if (OverTokens.Contains(task))
            {
                TextVocabulary.RequireFit(runner, graphs[0].FullName, TextModelSettings.Parse(byName));
            }
        }
        catch (InferenceException e) when (e.Error is InferenceError.InvalidSettings)
        {
            throw new PackagingException(PackagingError.InvalidSettings, e.Message, e);
        }
    }

    private static IDisposable Predictor(string task, Dictionary<string, ReadOnlyMemory<byte>> files, OnnxModelRunner runner, string[] graphs) => task switch
    {
        ModelTasks.ImageClassification => new ImageClassifier(
            runner,
            graphs[0],
            ImageClassifierSettings.Parse(files[PreprocessorConfig.FileName], files.GetValueOrDefault("config.json"), files.GetValueOrDefault(LabelList.FileName)),
            Unlicensed.Instance),
        ModelTasks.TextClassification => new TextClassifier(runner, graphs[0], TextClassifierSettings.Parse(files), Unlicensed.Instance),
        ModelTasks.TokenClassification => new TokenClassifier(runner, graphs[0], TokenClassifierSettings.Parse(files), Unlicensed.Instance),
        ModelTasks.FeatureExtraction => new TextEmbedder(runner, graphs[0], TextEmbedderSettings.Parse(files), Unlicensed.Instance),
        ModelTasks.TextRanking => new Reranker(runner, graphs[0], RerankerSettings.Parse(files), Unlicensed.Instance),
        ModelTasks.ZeroShotClassification => new ZeroShotClassifier(runner, graphs[0], ZeroShotClassifierSettings.Parse(files), Unlicensed.Instance),
        ModelTasks.QuestionAnswering => new QuestionAnswerer(runner, graphs[0], TextModelSettings.Parse(files), Unlicensed.Instance),
        ModelTasks.TextGeneration => new TextGenerator(runner, graphs, files, Unlicensed.Instance),
        ModelTasks.Translation => new Translator(runner, graphs, files, Unlicensed.Instance),
        ModelTasks.Summarization => new Summarizer(runner, graphs, files, Unlicensed.Instance),
        _ => throw new ArgumentOutOfRangeException(nameof(task)),
    };

    private static byte[] ReadLabels(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PackagingException(PackagingError.Unreadable, $"The labels '{path}' can't be read: {e.Message}", e);
        }
    }

    private static void Set(Dictionary<string, ExportedFile> files, ExportedFile file) => files[file.Name] = file;

    private static OnnxGraph Load(PackedGraph graph)
    {
        var memory = new GraphMemory(graph);
        return new OnnxGraph(graph.FullName, memory.Graph, graph.Graph.Length, [new ExternalWeights(WeightsPart.Location, memory.Weights, graph.Weights.Length)], memory);
    }

    private sealed class GraphMemory : IDisposable
    {
        private readonly SecretMemory _graph;
        private readonly SecretMemory _weights;

        public GraphMemory(PackedGraph packed)
        {
            _graph = new SecretMemory(packed.Graph.Length);
            packed.Graph.CopyTo(_graph.Slice(0, packed.Graph.Length));
            _weights = new SecretMemory(packed.Weights.Length);
            using var source = packed.Weights.OpenRead();
            for (var offset = 0L; offset < _weights.Length;)
            {
                var block = _weights.Slice(offset, (int)Math.Min(1 << 20, _weights.Length - offset));
                source.ReadExactly(block);
                offset += block.Length;
            }
        }

        public unsafe nint Graph => (nint)_graph.Pointer;

        public unsafe nint Weights => (nint)_weights.Pointer;

        public void Dispose()
        {
            _graph.Dispose();
            _weights.Dispose();
        }
    }

    /// <summary>Stands where a license would: the predictor is made to be checked, never called.</summary>
    private sealed class Unlicensed() : PredictorContext(ModelTasks.ImageClassification, "", new SemaphoreSlim(1), TimeProvider.System)
    {
        public static readonly Unlicensed Instance = new();

        protected override EntitledCall Charge(ExecutionTarget target, int units) =>
            throw new InvalidOperationException("The packer only checks that a predictor can be made.");
    }
}
