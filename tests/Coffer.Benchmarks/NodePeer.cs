using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Coffer.Benchmarks;

/// <summary>
/// A program of tests/peers that Node.js runs in a process of its own: a line in, a line of numbers out. It measures itself, so that the way to it
/// costs nothing.
/// </summary>
internal sealed class NodePeer : IDisposable
{
    private readonly Process _process;

    private NodePeer(Process process) => _process = process;

    /// <summary>Why there is no such peer on this machine; null where there is one.</summary>
    public static string? Obstacle { get; } = FindObstacle();

    /// <summary>transformers.js: answers the path of a picture with class, nanoseconds, bytes.</summary>
    public static NodePeer ForPictures(SampleModel model, Workplace workplace)
    {
        var folder = Directory.CreateDirectory(workplace.File("transformers.js")).FullName;
        // The geometry and the numbers that SampleModel gives the packer; where it gives one of three, all are that one.
        var preprocessor = new Dictionary<string, object>
        {
            ["image_processor_type"] = "ViTImageProcessor",
            ["do_resize"] = true,
            ["size"] = new Dictionary<string, int> { ["shortest_edge"] = model.Edge },
            ["resample"] = 2,
            ["do_center_crop"] = true,
            ["crop_size"] = new Dictionary<string, int> { ["height"] = model.Edge, ["width"] = model.Edge },
            ["do_rescale"] = true,
            ["rescale_factor"] = 1 / 255.0,
            ["do_normalize"] = true,
            ["image_mean"] = Three(model.Mean),
            ["image_std"] = Three(model.Deviation),
        };
        File.WriteAllText(Path.Combine(folder, "preprocessor_config.json"), JsonSerializer.Serialize(preprocessor));
        return Start("classify.mjs", folder, model.Onnx, model.Input, model.Output);
    }

    /// <summary>transformers.js: answers {"text", "options"} with the nanoseconds of generating from it.</summary>
    public static NodePeer ForGeneration(string folder) => Start("generate.mjs", folder, "bench");

    /// <summary>onnxruntime-node: answers any line with the nanoseconds of opening the plain model and running it once.</summary>
    public static NodePeer ForOpening(SampleModel model) => Start("open.mjs", [model.Onnx, model.Input, .. new[] { 1, 3, model.Edge, model.Edge }.Select(size => size.ToString(CultureInfo.InvariantCulture))]);

    public double[] Ask(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
        var answer = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The process of Node.js ended.");
        return Array.ConvertAll(answer.Split(' '), number => double.Parse(number, CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        // It ends with its input.
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static double[] Three(double[] values) => values.Length == 3 ? values : [values[0], values[0], values[0]];

    private static NodePeer Start(string script, params string[] arguments) => new(Process.Start(
        new ProcessStartInfo("node", [script, .. arguments]) { WorkingDirectory = Repository.Peers, RedirectStandardInput = true, RedirectStandardOutput = true })!);

    private static string? FindObstacle()
    {
        if (!Directory.Exists(Path.Combine(Repository.Peers, "node_modules")))
        {
            return "not installed in tests/peers (npm ci --onnxruntime-node-install=skip)";
        }

        try
        {
            using var node = Process.Start(new ProcessStartInfo("node", ["--version"]) { RedirectStandardOutput = true })!;
            node.WaitForExit();
            return null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "there is no Node.js";
        }
    }
}
