using System.Diagnostics.CodeAnalysis;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Coffer.Bundles;
using Coffer.Packaging;
using Coffer.Tests.Onnx;

namespace Coffer.Benchmarks;

/// <summary>
/// What a call of one node allocates, by BenchmarkDotNet's memory diagnoser: RunWithBinding, and Coffer's license check and runner. The
/// other benchmarks take turns round by round, which BenchmarkDotNet does not; this one is for the bytes.
/// </summary>
[MemoryDiagnoser]
[SuppressMessage("Design", "CA1001", Justification = "BenchmarkDotNet calls Close.")]
public class AllocationBenchmark
{
    /// <summary>The verb that runs it.</summary>
    internal const string Verb = "bdn";

    private readonly float[] _values = [1, 2, 3, 4];
    private readonly long[] _shape = [1, 4];
    private Workplace? _workplace;
    private LicensedBundle? _bundle;
    private BoundSession? _plain;
    private LicensedRunner? _licensed;

    /// <summary>Packs a graph of one node and opens it both ways.</summary>
    [GlobalSetup]
    public async Task OpenAsync()
    {
        _workplace = new Workplace();
        var onnx = _workplace.File("identity.onnx");
        await File.WriteAllBytesAsync(onnx, TinyModel.Identity(TinyModel.FloatType, 1, 4));
        _bundle = await _workplace.PackAsync(onnx, new PackOptions { Name = "identity", Version = SemanticVersion.Parse("1.0.0"), Task = ModelTasks.Tensors });
        _plain = new BoundSession(onnx, _shape);
        _licensed = new LicensedRunner(_bundle, new() { IntraOpThreads = 1 });
    }

    /// <summary>Closes both.</summary>
    [GlobalCleanup]
    public void Close()
    {
        _licensed?.Dispose();
        _plain?.Dispose();
        _bundle?.Dispose();
        _workplace?.Dispose();
    }

    /// <summary>The peer.</summary>
    [Benchmark(Baseline = true, Description = "ONNX Runtime, RunWithBinding")]
    public void RunWithBinding() => _plain!.Run(_values);

    /// <summary>Coffer.</summary>
    [Benchmark(Description = "Coffer, license check and runner")]
    public float RunLicensed()
    {
        using var entitled = _licensed!.Entitlement.Begin(_licensed.Task, ExecutionTarget.Local);
        using var call = _licensed.Runner.Rent(_licensed.Graph);
        _values.CopyTo(call.Input<float>("x", _shape));
        call.Run();
        return call.Output<float>("y")[0];
    }

    /// <returns>The exit code: 1 if it could not be measured.</returns>
    internal static int Run()
    {
        // In this process: a generated project would have to find the repository's own settings and packages.
        var config = ManualConfig.Create(DefaultConfig.Instance)
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "coffer-benchmarkdotnet"));
        var summary = BenchmarkRunner.Run<AllocationBenchmark>(config);
        return summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success) ? 1 : 0;
    }
}
