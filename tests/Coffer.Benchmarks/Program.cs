// Ratios against a peer that is measured in the same run, in turns. Nothing is asserted: machines differ.
using Coffer.Benchmarks;
using Coffer.Onnx;

if (args is [PeakMemory.Verb, var way, var small, var large])
{
    PeakMemory.RunChild(way, small, large);
    return 0;
}

if (args is [AllocationBenchmark.Verb])
{
    _ = OrtEnvironment.Get();
    return AllocationBenchmark.Run();
}

(string Name, Func<Workplace, Scale, Task<IReadOnlyList<Bar>>> RunAsync)[] benchmarks =
[
    ("open", OpenBenchmark.RunAsync),
    ("classify", ClassifyBenchmark.RunAsync),
    ("run", RunBenchmark.RunAsync),
    ("cold", ColdBenchmark.RunAsync),
    ("concurrency", ConcurrencyBenchmark.RunAsync),
    ("batching", BatchingBenchmark.RunAsync),
    ("tokenize", TokenizeBenchmark.RunAsync),
    ("generate", GenerateBenchmark.RunAsync),
    ("redact", RedactBenchmark.RunAsync),
    ("serve", ServeBenchmark.RunAsync),
];
if (Arguments.Parse(args, [.. benchmarks.Select(benchmark => benchmark.Name)]) is not { } arguments)
{
    return 2;
}

var details = new Transcript(Console.Out);
Console.SetOut(details);
// Coffer chooses the native library, so it is asked first.
_ = OrtEnvironment.Get();
Console.WriteLine(Machine.Describe());
Console.WriteLine("Ratio and difference: against the first line's time in the same round; a ratio below 1 is faster.");
if (arguments.IsQuick)
{
    Console.WriteLine("Quick: shows that everything runs; the numbers mean nothing.");
}

using var workplace = new Workplace();
List<Bar> bars = [];
foreach (var (_, runAsync) in benchmarks.Where(benchmark => arguments.Chosen.Contains(benchmark.Name)))
{
    bars.AddRange(await runAsync(workplace, arguments.Scale));
}

var summary = new StringWriter();
BarTable.Write(summary, bars);
summary.WriteLine();
summary.WriteLine(BarTable.Summarize(bars));
if (arguments.Markdown is { } file)
{
    await File.WriteAllTextAsync(file, $"{summary.ToString().TrimStart()}\n{details}");
}

Console.Write(summary);
return 0;
