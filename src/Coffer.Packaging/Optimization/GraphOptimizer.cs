using Coffer.Onnx;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace Coffer.Packaging;

/// <summary>
/// Has ONNX Runtime rewrite a packed graph, and packs what it wrote: sanitised, and with its weights in a part of their own. The
/// same graph gives the same bytes.
/// </summary>
internal static class GraphOptimizer
{
    // onnxruntime_session_options_config_keys.h
    private const string WeightsFile = "session.optimized_model_external_initializers_file_name";
    private const string WeightsMinLength = "session.optimized_model_external_initializers_min_size_in_bytes";

    /// <param name="packed">The graph as packed without optimisation.</param>
    /// <param name="level">How far.</param>
    /// <param name="keptMetadata">See <see cref="GraphSanitiser.Sanitise"/>.</param>
    /// <param name="files">Hold the result's weights: dispose them after it.</param>
    /// <exception cref="PackagingException">ONNX Runtime can't do it (<see cref="PackagingError.NotOptimizable"/>).</exception>
    /// <exception cref="Inference.InferenceException">There is no native ONNX Runtime.</exception>
    public static PackedGraph Optimize(PackedGraph packed, PackOptimization level, IEnumerable<string> keptMetadata, OptimizerFiles files)
    {
        var (path, weightsPath) = files.Create();
        Write(packed, level, path, weightsPath);
        var model = Read(packed, path, weightsPath, keptMetadata, out var weights);
        var operators = RuntimeOperators(model);
        return packed with
        {
            Graph = model.ToByteArray(),
            Weights = weights,
            Optimization = level,
            HasConvolutions = model.AllNodes().Any(IsConvolution),
            RuntimeOperators = [.. operators.Except(RuntimeOperators(ModelProto.Parser.ParseFrom(packed.Graph)), StringComparer.Ordinal)],
        };
    }

    private static void Write(PackedGraph packed, PackOptimization level, string path, string weightsPath)
    {
        OrtEnvironment.Get();
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = level == PackOptimization.Basic ? GraphOptimizationLevel.ORT_ENABLE_BASIC : GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
            OptimizedModelFilePath = path,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        options.AddSessionConfigEntry(WeightsFile, Path.GetFileName(weightsPath));
        options.AddSessionConfigEntry(WeightsMinLength, $"{GraphExternaliser.MinLength}");
        // Weights are written as they are, and no second copy of them is made on the way.
        options.AddSessionConfigEntry("session.use_external_initializer_file_buffers_directly", "1");
        options.AddSessionConfigEntry("session.disable_prepacking", "1");
        using var weights = packed.Weights.Length > 0 ? NativeBytes.ReadAll(packed.Weights) : null;
        if (weights is not null)
        {
            OrtNative.AddExternalInitializers(options, [new ExternalWeights(WeightsPart.Location, weights.Pointer, weights.Length)]);
        }

        try
        {
            using var session = new InferenceSession(packed.Graph, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw NotOptimizable(packed, e.Message, e);
        }
    }

    private static ModelProto Read(PackedGraph packed, string path, string weightsPath, IEnumerable<string> keptMetadata, out WeightsPart weights)
    {
        ModelProto model;
        try
        {
            using var file = File.OpenRead(path);
            model = ModelProto.Parser.ParseFrom(file);
        }
        catch (Exception e) when (e is IOException or InvalidProtocolBufferException)
        {
            throw NotOptimizable(packed, $"what it wrote can't be read: {e.Message}", e);
        }

        GraphSanitiser.Sanitise(model, keptMetadata);
        RemoveUnusedDomains(model);
        weights = GraphExternaliser.Externalise(model, ModelFolder.OfOneFile(Path.GetFileName(weightsPath), weightsPath));
        return model;
    }

    // ONNX Runtime imports every domain that it knows.
    private static void RemoveUnusedDomains(ModelProto model)
    {
        var used = model.AllNodes().Select(node => node.Domain).Concat(model.Functions.Select(function => function.Domain)).Append("").ToHashSet(StringComparer.Ordinal);
        var imports = model.OpsetImport.Where(import => used.Contains(import.Domain)).OrderBy(import => import.Domain, StringComparer.Ordinal).ToArray();
        model.OpsetImport.Clear();
        model.OpsetImport.Add(imports);
    }

    private static IEnumerable<string> RuntimeOperators(ModelProto model) =>
        model.AllNodes().Where(node => node.Domain.Contains('.', StringComparison.Ordinal) && !node.Domain.StartsWith("ai.onnx", StringComparison.Ordinal))
            .Select(node => $"{node.Domain}.{node.OpType}").Distinct().Order(StringComparer.Ordinal);

    private static bool IsConvolution(NodeProto node) => node.OpType is "Conv" or "FusedConv" or "QLinearConv" or "ConvInteger";

    private static PackagingException NotOptimizable(PackedGraph packed, string why, Exception cause) => new(
        PackagingError.NotOptimizable,
        $"ONNX Runtime can't write graph {OnnxNames.Quote(packed.FullName)} optimised: {why.TrimEnd('.')}. Pack it without optimisation.",
        cause);
}
