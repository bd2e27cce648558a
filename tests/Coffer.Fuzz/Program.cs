using System.Globalization;
using Coffer.Fuzz;
using Coffer.Fuzz.Targets;

// Coffer's readers against mutated input: only documented refusals may come out, in bounded time and memory.
//
//   dotnet run -c Release --project tests/Coffer.Fuzz -- [--target NAME] [--seconds N | --executions N] [--seed S] [--replay BASE64]
//
// The seconds are shared by all targets; the executions are each target's. Exit code 1 for a finding, 2 for wrong arguments.
using var keys = new KeyTarget();
IFuzzTarget[] targets = [new ContainerTarget(), new ManifestTarget(), new SignatureTarget(), new TimestampTarget(), new LicenseTarget(), new StatusListTarget(), new JweTarget(), new LedgerTarget(), new TokenizerTarget(), new ChatTemplateTarget(), keys];

string? Option(string name) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : null;

double? Number(string name) => Option(name) is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : null;

var chosen = Option("--target") is { } only ? targets.Where(target => target.Name == only).ToArray() : targets;
if (chosen.Length == 0)
{
    Console.Error.WriteLine($"No such target; there are {string.Join(", ", targets.Select(target => target.Name))}.");
    return 2;
}

if (Option("--replay") is { } replayed)
{
    return new FuzzRun(chosen[0]).Try(Convert.FromBase64String(replayed)) ? 0 : 1;
}

var seed = (int)(Number("--seed") ?? Environment.TickCount & int.MaxValue);
var executions = (long?)Number("--executions");
TimeSpan? duration = executions is null ? TimeSpan.FromSeconds((Number("--seconds") ?? 60) / chosen.Length) : null;
Console.WriteLine($"seed {seed}");
var sound = true;
foreach (var target in chosen)
{
    sound &= new FuzzRun(target).Run(seed, duration, executions);
}

return sound ? 0 : 1;
