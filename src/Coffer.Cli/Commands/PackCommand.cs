using System.CommandLine;
using Coffer.Bundles;
using Coffer.Packaging;

namespace Coffer.Cli.Commands;

/// <summary><c>coffer pack</c>: from an exported model to a bundle.</summary>
internal sealed class PackCommand : ToolCommand
{
    // FORMAT.md: a whole number that every reader of JSON keeps.
    private const long MaxSequence = (1L << 53) - 1;

    private readonly Argument<string> _model = new("MODEL") { Description = "An .onnx file, or a folder with the model and its configuration files as it was exported." };
    private readonly Option<string> _task = new("--task") { Description = $"What the model does: {string.Join(", ", ModelTasks.All)}. The last takes any model.", HelpName = "TASK", Required = true };
    private readonly Option<string> _id = new("--id") { Description = "The model's name: 1 to 64 of a-z, 0-9, '.', '_', '-'. Its full id is PUBLISHER/NAME.", HelpName = "NAME", Required = true };
    private readonly Option<string> _version = new("--version") { Description = "The model's version, for example 1.2.0.", HelpName = "VERSION", Required = true };
    private readonly Option<string> _keys = new("--keys") { Description = "The publisher's keys, as 'coffer keys init' makes them.", HelpName = "DIR", Required = true };
    private readonly Option<string> _output = new("--output", "-o") { Description = "The bundle to write; one that is there is replaced when the new one is whole.", HelpName = "FILE", Required = true };
    private readonly Option<string> _labels = new("--labels") { Description = "A text with one label a line, in the order of the model's outputs. Default: labels.txt or config.json in MODEL.", HelpName = "FILE" };
    private readonly Option<string> _sequence = new("--sequence") { Description = "Grows with every release of the model. Default: the seconds since 1970.", HelpName = "N" };
    private readonly Option<string> _optimize = new("--optimize") { Description = "Rewrite the graph now, so that opening doesn't: none, basic (folds constants) or extended (also fuses nodes, into operators that other runtimes than ONNX Runtime don't know). Default: none.", HelpName = "LEVEL" };
    private readonly PreprocessingOptions _preprocessing = new();
    private readonly ProofOptions _proof = new();
    private readonly PassphraseOptions _passphrase = new();

    public PackCommand(ToolHost host, Option<bool> json)
        : base(
            host,
            json,
            "pack",
            "Packs a model into an encrypted, signed bundle, and proves that it still gives the same outputs.",
            "coffer pack exported/ --task image-classification --id digits --version 1.0.0 --keys keys -o digits.coffer",
            "coffer pack resnet.onnx --task image-classification --id resnet --version 1.0.0 --labels synset.txt --size shortest:256 --crop 224 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225 --keys keys -o resnet.coffer",
            "coffer pack any.onnx --task tensors --id any --version 1.0.0 --dim batch=1 --keys keys -o any.coffer")
    {
        Add(_model);
        Add(_task);
        Add(_id);
        Add(_version);
        Add(_keys);
        Add(_output);
        Add(_labels);
        Add(_sequence);
        Add(_optimize);
        _preprocessing.AddTo(this);
        _proof.AddTo(this);
        _passphrase.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        var keys = KeyFolder.Open(line.GetRequiredValue(_keys), _passphrase.Read(line, Host));
        var options = new PackOptions
        {
            Name = NameOf(line.GetRequiredValue(_id), keys.Publisher),
            Version = SemanticVersion.Parse(line.GetRequiredValue(_version)),
            Task = line.GetRequiredValue(_task),
            Sequence = line.GetValue(_sequence) is { } sequence ? Values.Whole("--sequence", sequence, min: 0, MaxSequence) : null,
            LabelsPath = line.GetValue(_labels),
            Preprocessing = _preprocessing.Read(line),
            KeptMetadata = _proof.ReadKeptMetadata(line),
            Optimization = LevelOf(line.GetValue(_optimize)),
            Proof = _proof.Read(line),
        };
        var path = line.GetRequiredValue(_output);
        var report = await ProgressBar.ShowAsync(
            Host,
            progress => ModelPacker.PackAsync(line.GetRequiredValue(_model), path, options, keys, PackProgressBar.For(progress), Host.Clock, cancellationToken));
        if (output.IsJson)
        {
            WriteJson(output, path, report);
        }
        else
        {
            WriteText(output, path, report);
        }

        return ExitCodes.Ok;
    }

    // A full id is fine where it names this publisher; the manifest knows no other.
    private static string NameOf(string id, string publisher)
    {
        var slash = id.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            return id;
        }

        return id[..slash] == publisher
            ? id[(slash + 1)..]
            : throw new FormatException($"'{id}' is a model of the publisher '{id[..slash]}', and the keys are those of '{publisher}'. Give the name alone, or that publisher's keys.");
    }

    private static PackOptimization LevelOf(string? level) => level switch
    {
        null or "none" => PackOptimization.None,
        "basic" => PackOptimization.Basic,
        "extended" => PackOptimization.Extended,
        _ => throw new FormatException($"'{level}' is no value of --optimize. Give none, basic or extended."),
    };

    private static string NameOf(PackOptimization level) => level switch
    {
        PackOptimization.Basic => "basic",
        PackOptimization.Extended => "extended",
        _ => "none",
    };

    private static void WriteText(Output output, string path, PackReport report)
    {
        output.Line($"{path}: {report.Manifest.Id} {report.Manifest.Version}, {Text.Bytes(report.Length)}, encrypted and signed.");
        foreach (var graph in report.Graphs)
        {
            output.Line($"  graph {graph.Name}: {Text.Bytes(graph.GraphLength)} and {Text.Bytes(graph.WeightsLength)} of weights; {Proof(graph)}");
            if (graph.Optimization != PackOptimization.None)
            {
                output.Line($"    optimised ({NameOf(graph.Optimization)}){(graph.RuntimeOperators.Count == 0 ? "" : $", with operators of ONNX Runtime's own: {string.Join(", ", graph.RuntimeOperators)}")}");
            }
        }

        output.Line($"  digest {report.ManifestDigest}");
    }

    private static string Proof(PackedGraphReport graph) =>
        graph.ProvenSamples == 0 ? "outputs not compared with the original's"
        : graph.GreatestDifference == 0 ? $"outputs equal to the original's, bit for bit, on {graph.ProvenSamples} generated inputs"
        : FormattableString.Invariant($"outputs within {graph.GreatestDifference:G2} of the original's on {graph.ProvenSamples} generated inputs");

    private static void WriteJson(Output output, string path, PackReport report) => output.Json(json =>
    {
        json.WriteStartObject();
        json.WriteString("file", path);
        json.WriteNumber("length", report.Length);
        ManifestText.WriteModel(json, report.Manifest, report.ManifestDigest);
        json.WriteStartArray("graphs");
        foreach (var graph in report.Graphs)
        {
            json.WriteStartObject();
            json.WriteString("name", graph.Name);
            json.WriteNumber("graphLength", graph.GraphLength);
            json.WriteNumber("weightsLength", graph.WeightsLength);
            json.WriteNumber("provenSamples", graph.ProvenSamples);
            json.WriteString("optimization", NameOf(graph.Optimization));
            json.WriteNumber("greatestDifference", graph.GreatestDifference);
            json.WriteStartArray("runtimeOperators");
            foreach (var name in graph.RuntimeOperators)
            {
                json.WriteStringValue(name);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
