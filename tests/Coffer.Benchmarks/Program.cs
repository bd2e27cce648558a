// Ratios against a peer that is measured in the same run, in turns. Nothing is asserted: machines differ.
using Coffer.Benchmarks;
using Coffer.Onnx;

if (args is [PeakMemory.Verb, var way, var small, var large])
{
    PeakMemory.RunChild(way, small, large);
    return 0;
}

(string Name, Func<Workplace, Scale, Task> RunAsync)[] benchmarks =
[
    ("open", OpenBenchmark.RunAsync),
    ("classify", ClassifyBenchmark.RunAsync),
    ("run", RunBenchmark.RunAsync),
    ("tokenize", TokenizeBenchmark.RunAsync),
];
var isQuick = args.Contains("--quick");
string[] chosen = [.. args.Where(argument => argument != "--quick")];
if (chosen.Except(benchmarks.Select(benchmark => benchmark.Name)).Any())
{
    Console.Error.WriteLine($"Usage: Coffer.Benchmarks [{string.Join("] [", benchmarks.Select(benchmark => benchmark.Name))}] [--quick]. Without a name, all run.");
    return 2;
}

// Coffer chooses the native library, so it is asked first.
_ = OrtEnvironment.Get();
Console.WriteLine(Machine.Describe());
Console.WriteLine("Ratio and difference: against the first line's time in the same round; a ratio below 1 is faster.");
if (isQuick)
{
    Console.WriteLine("Quick: shows that everything runs; the numbers mean nothing.");
}

using var workplace = new Workplace();
foreach (var (_, runAsync) in benchmarks.Where(benchmark => chosen.Length == 0 || chosen.Contains(benchmark.Name)))
{
    await runAsync(workplace, isQuick ? Scale.Quick : Scale.Full);
}

return 0;
