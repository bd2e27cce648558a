using System.Diagnostics;
using System.Globalization;

namespace Coffer.Benchmarks;

/// <summary>
/// ML.NET in a process of its own, because it needs another version of SkiaSharp. It measures itself, with the same code, so
/// that the way to it costs nothing.
/// </summary>
internal sealed class MlNetPeer : IDisposable
{
    private const string Project = "Coffer.Benchmarks.MlNet";

    private readonly Process _process;

    public MlNetPeer(SampleModel model)
    {
        // Built together with this project, in the same configuration.
        var folder = AppContext.BaseDirectory.Replace(
            Path.DirectorySeparatorChar + typeof(MlNetPeer).Namespace + Path.DirectorySeparatorChar,
            Path.DirectorySeparatorChar + Project + Path.DirectorySeparatorChar,
            StringComparison.Ordinal);
        string[] arguments =
        [
            Path.Combine(folder, Project + ".dll"),
            model.Onnx,
            model.Input,
            model.Output,
            .. new[] { model.Edge, model.Mean.Average(), model.Deviation.Average() }.Select(number => number.ToString(CultureInfo.InvariantCulture)),
        ];
        _process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
    }

    /// <summary>The class of a picture, and what finding it took.</summary>
    public (int Class, Sample Sample) Classify(string picture)
    {
        _process.StandardInput.WriteLine(picture);
        _process.StandardInput.Flush();
        var answer = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The process that runs ML.NET ended.");
        var numbers = Array.ConvertAll(answer.Split(' '), number => double.Parse(number, CultureInfo.InvariantCulture));
        return ((int)numbers[0], new Sample(numbers[1], numbers[2]));
    }

    public void Dispose()
    {
        // It ends with its input.
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
