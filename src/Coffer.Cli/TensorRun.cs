using System.Globalization;
using System.Text.Json;
using Coffer.Cli.Commands;
using Coffer.Inference;
using Coffer.Tensors;

namespace Coffer.Cli;

/// <summary>Runs a graph once on tensors from files.</summary>
internal sealed class TensorRun(ProtectedModel model, Output output)
{
    /// <summary>The values of outputs up to this many elements are shown; larger ones are for files.</summary>
    private const int MaxShown = 64;

    public async Task<int> RunAsync(TensorOptions.Request request, CancellationToken cancellationToken)
    {
        using var predictor = model.CreateTensorPredictor();
        var inputs = request.Inputs.ToDictionary(input => input.Key, input => Read(input.Value), StringComparer.Ordinal);
        RequireInputs(predictor.Describe(request.Graph), inputs);
        var prediction = await predictor.PredictAsync(inputs, new TensorPredictorOptions { Graph = request.Graph }, cancellationToken);
        var files = request.Folder is { } folder ? Save(folder, prediction.Value) : [];
        if (output.IsJson)
        {
            WriteJson(prediction, files);
        }
        else
        {
            foreach (var (name, tensor) in prediction.Value)
            {
                output.Line($"{name}  {tensor}{(files.TryGetValue(name, out var file) ? $"  {file}" : "")}");
                if (tensor.Length <= MaxShown)
                {
                    output.Line($"  {string.Join(' ', TensorValues.Of(tensor).Select(value => Convert.ToString(value, CultureInfo.InvariantCulture)))}");
                }
            }
        }

        RunText.NoteFallback(output, prediction.ExecutionProvider, prediction.Fallback);
        return ExitCodes.Ok;
    }

    /// <summary>A tensor from a file. With several files, the sentence alone does not say which one it means.</summary>
    internal static Tensor Read(string path)
    {
        try
        {
            return NpyFile.Read(path);
        }
        catch (InputException e) when (!e.Message.Contains(path, StringComparison.Ordinal))
        {
            throw new InputException(e.Error, $"{path}: {e.Message}", e);
        }
    }

    // The runner would name one missing tensor at a time; who types the command wants to see them all.
    private static void RequireInputs(ModelSignature signature, Dictionary<string, Tensor> inputs)
    {
        var unknown = inputs.Keys.Where(name => signature.Inputs.All(input => input.Name != name)).ToList();
        var missing = signature.Inputs.Where(input => !inputs.ContainsKey(input.Name)).Select(input => input.Name).ToList();
        if (unknown.Count > 0 || missing.Count > 0)
        {
            var wrong = string.Join(" and ", Problems(unknown, missing));
            throw new FormatException($"The graph '{signature.Graph}' takes {RunText.Inputs(signature)}; {wrong}.");
        }
    }

    private static IEnumerable<string> Problems(List<string> unknown, List<string> missing)
    {
        if (missing.Count > 0)
        {
            yield return $"--input is missing for {RunText.Quoted(missing)}";
        }

        if (unknown.Count > 0)
        {
            yield return $"it has no input {RunText.Quoted(unknown)}";
        }
    }

    private static Dictionary<string, string> Save(string folder, IReadOnlyDictionary<string, Tensor> outputs)
    {
        Directory.CreateDirectory(folder);
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, tensor) in outputs)
        {
            var safe = FileNameOf(name);
            for (var i = 2; !taken.Add(safe); i++)
            {
                safe = string.Create(CultureInfo.InvariantCulture, $"{FileNameOf(name)}-{i}");
            }

            var path = Path.Combine(folder, safe + ".npy");
            NpyFile.Write(path, tensor);
            files.Add(name, path);
        }

        return files;
    }

    // A graph's names are its author's: nothing in one may lead out of the folder.
    internal static string FileNameOf(string output)
    {
        var name = string.Concat(output.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_')).TrimStart('.');
        return name.Length > 0 ? name[..Math.Min(name.Length, 100)] : "output";
    }

    private void WriteJson(Prediction<IReadOnlyDictionary<string, Tensor>> prediction, Dictionary<string, string> files) => output.Json(json =>
    {
        json.WriteStartObject();
        ManifestText.WriteModel(json, model.Manifest, model.ManifestDigest);
        json.WriteStartArray("outputs");
        foreach (var (name, tensor) in prediction.Value)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("type", tensor.ElementType.ToString().ToLowerInvariant());
            json.WriteStartArray("shape");
            foreach (var size in tensor.Shape)
            {
                json.WriteNumberValue(size);
            }

            json.WriteEndArray();
            if (files.TryGetValue(name, out var file))
            {
                json.WriteString("file", file);
            }

            if (tensor.Length <= MaxShown)
            {
                WriteValues(json, tensor);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        RunText.WriteWhere(json, prediction.Target, prediction.ExecutionProvider, prediction.Fallback, prediction.Duration);
        json.WriteEndObject();
    });

    private static void WriteValues(Utf8JsonWriter json, Tensor tensor)
    {
        json.WriteStartArray("values");
        foreach (var value in TensorValues.Of(tensor))
        {
            TensorValues.Write(json, value);
        }

        json.WriteEndArray();
    }
}
