using System.CommandLine;
using System.Diagnostics;
using Coffer.Inference;

namespace Coffer.Cli.Commands;

/// <summary><c>coffer bench</c>: measures a bundle's predictor on this machine.</summary>
internal sealed class BenchCommand : ToolCommand
{
    /// <summary>How long is measured when nothing is said.</summary>
    private static readonly TimeSpan DefaultTime = TimeSpan.FromSeconds(5);

    private readonly Argument<string> _file = new("FILE") { Description = "A bundle." };
    private readonly OpenOptions _open = new();
    private readonly Option<string[]> _inputs = new("--input") { Description = "A picture, a text, or NAME=FILE.npy for an input of the graph. Repeatable; of a model that answers or ranks, the first is the question. Default: made up.", HelpName = "INPUT" };
    private readonly Option<string[]> _dimensions = new("--dim") { Description = "The size of a free dimension of made-up tensors, for example sequence_length=128. Repeatable. Default: 1.", HelpName = "SYMBOL=N" };
    private readonly Option<string> _graph = new("--graph") { Description = "Which graph to run, where a model has several.", HelpName = "NAME" };
    private readonly Option<string> _calls = new("--calls") { Description = "How many calls to measure. Default: as many as come in the time.", HelpName = "N" };
    private readonly Option<string> _seconds = new("--seconds") { Description = "How long to measure. Default: 5, or without end where --calls is given.", HelpName = "S" };
    private readonly Option<string> _warmUp = new("--warm-up") { Description = "How many calls come before and don't count; at least 1.", HelpName = "N", DefaultValueFactory = _ => "10" };
    private readonly Option<string> _concurrency = new("--concurrency") { Description = "How many calls are under way at once.", HelpName = "N", DefaultValueFactory = _ => "1" };
    private readonly Option<string> _batch = new("--batch") { Description = "How many pictures or texts a call takes, or how large the free first dimension of made-up tensors is.", HelpName = "N", DefaultValueFactory = _ => "1" };
    private readonly Option<string> _maxNewTokens = new("--max-new-tokens") { Description = "How many tokens a model that writes texts writes at most.", HelpName = "N", DefaultValueFactory = _ => "64" };
    private readonly Option<string> _from = new("--from") { Description = "The language of texts to translate, as the model names it.", HelpName = "LANGUAGE" };
    private readonly Option<string> _to = new("--to") { Description = "The language to translate to, as the model names it.", HelpName = "LANGUAGE" };
    private readonly Option<string> _collect = new("--micro-batch") { Description = "Collect concurrent calls into runs of so many rows at most. Default: each call runs by itself.", HelpName = "N" };

    public BenchCommand(ToolHost host, Option<bool> json)
        : base(
            host,
            json,
            "bench",
            "Measures a bundle's predictor: latency, throughput, memory. Every call goes through the license, those of the warm-up too: one with a quota is charged, each picture, text or tensor call for one input.",
            "coffer bench digits.coffer --trust keys/trust --license digits.license --device keys/device.key --calls 1000",
            "coffer bench digits.coffer --trust keys/trust --license digits.license --device keys/device.key --input seven.png --concurrency 8 --seconds 10 --json",
            "coffer bench stories.coffer --trust keys/trust --license stories.license --device keys/device.key --input \"Once upon a time\" --max-new-tokens 100 --batch 4",
            "coffer bench any.coffer --trust keys/trust --license any.license --device keys/device.key --dim sequence_length=128 --batch 8")
    {
        _open.AddTo(this);
        foreach (var option in new Option[] { _inputs, _dimensions, _graph, _calls, _seconds, _warmUp, _concurrency, _batch, _maxNewTokens, _from, _to, _collect })
        {
            Add(option);
        }

        Add(_file);
    }

    protected override async Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        var plan = ReadPlan(line);
        var load = new BenchLoad.Request(
            line.GetValue(_inputs) ?? [],
            Values.Pairs("--dim", line.GetValue(_dimensions), Values.Dimension),
            line.GetValue(_graph),
            (int)Values.Whole("--batch", line.GetRequiredValue(_batch), min: 1, 1 << 20))
        {
            MaxNewTokens = (int)Values.Whole("--max-new-tokens", line.GetRequiredValue(_maxNewTokens), min: 1, int.MaxValue),
            From = line.GetValue(_from),
            To = line.GetValue(_to),
        };
        using var device = _open.LoadDevice(line, Host);
        var options = _open.Read(line, Host, device);
        options = options with
        {
            Execution = options.Execution with { MaxConcurrency = Math.Max(plan.Concurrency, options.Execution.MaxConcurrency) },
            Batching = line.GetValue(_collect) is { } rows ? new BatchingOptions { MaxBatch = (int)Values.Whole("--micro-batch", rows, min: 1, 1 << 20) } : null,
        };

        var started = Stopwatch.GetTimestamp();
        using var model = await ProtectedModel.OpenAsync(line.GetRequiredValue(_file), options, cancellationToken);
        using var work = BenchLoad.Create(model, load);
        var opened = Stopwatch.GetElapsedTime(started);
        RunText.NoteState(output, model.Entitlement, Host.Clock.GetUtcNow());

        var result = await BenchRun.MeasureAsync(plan, work, cancellationToken);
        BenchText.Write(output, model, work, plan, opened, result);
        RunText.NoteFallback(output, result.ExecutionProvider, result.Fallback);
        return ExitCodes.Ok;
    }

    private BenchPlan ReadPlan(ParseResult line)
    {
        var calls = line.GetValue(_calls) is { } count ? Values.Whole("--calls", count, min: 1) : (long?)null;
        var time = line.GetValue(_seconds) is { } seconds ? Seconds(seconds) : calls is null ? DefaultTime : (TimeSpan?)null;
        return new BenchPlan(
            calls,
            time,
            (int)Values.Whole("--warm-up", line.GetRequiredValue(_warmUp), min: 1, int.MaxValue),
            (int)Values.Whole("--concurrency", line.GetRequiredValue(_concurrency), min: 1, 1024));
    }

    private static TimeSpan Seconds(string text) => Values.Number("--seconds", text) is > 0 and <= 86_400 and var seconds
        ? TimeSpan.FromSeconds(seconds)
        : throw Values.Bad("--seconds", text, "a number of seconds above 0, a day at most");
}
