using System.CommandLine;

namespace Coffer.Cli.Commands;

/// <summary><c>coffer run</c>: opens a bundle under a license and predicts.</summary>
internal sealed class RunCommand : ToolCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "A bundle." };
    private readonly Argument<string[]> _inputs = new("INPUT") { Description = "Pictures for an image classifier (JPEG, PNG, WebP or BMP), or texts for a model that reads or writes text.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string> _topK = new("--top-k") { Description = "How many classes, documents or answers to show.", HelpName = "K", DefaultValueFactory = _ => "5" };
    private readonly TextOptions _texts = new();
    private readonly GeneratingOptions _generating = new();
    private readonly TensorOptions _tensors = new();
    private readonly OpenOptions _open = new();

    public RunCommand(ToolHost host, Option<bool> json)
        : base(
            host,
            json,
            "run",
            "Opens a bundle under a license and predicts.",
            "coffer run digits.coffer --trust keys/trust --license digits.license --device keys/device.key seven.png",
            "coffer run sentiment.coffer --trust keys/trust --license sentiment.license --device keys/device.key \"A quiet, lovely film.\"",
            "coffer run answers.coffer --trust keys/trust --license answers.license --device keys/device.key --query \"Who made it?\" \"It was made by Ada.\"",
            "coffer run stories.coffer --trust keys/trust --license stories.license --device keys/device.key \"Once upon a time\" --max-new-tokens 100 --temperature 0.8 --seed 1",
            "coffer run chat.coffer --trust keys/trust --license chat.license --device keys/device.key --system \"Answer in one sentence.\" \"What is rain?\" \"And snow?\"",
            "coffer run chat.coffer --trust keys/trust --license chat.license --device keys/device.key --chat --json-schema weather.json \"How is the weather?\"",
            "coffer run any.coffer --trust keys/trust --license any.license --device keys/device.key --input x=x.npy --output-dir out")
    {
        _open.AddTo(this);
        Add(_topK);
        Add(_file);
        Add(_inputs);
        _texts.AddTo(this);
        _generating.AddTo(this);
        _tensors.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        var inputs = line.GetValue(_inputs) ?? [];
        var texts = _texts.Read(line);
        var generating = _generating.Read(line);
        var tensors = _tensors.Read(line);
        var topK = (int)Values.Whole("--top-k", line.GetRequiredValue(_topK), min: 1, int.MaxValue);
        if (inputs.Length > 0 == tensors.IsGiven)
        {
            throw new FormatException("Give pictures or texts, or tensors with --input name=file.npy, not both and not neither. 'coffer inspect' says what the bundle's task is.");
        }

        using var device = _open.LoadDevice(line, Host);
        using var model = await ProtectedModel.OpenAsync(line.GetRequiredValue(_file), _open.Read(line, Host, device), cancellationToken);
        RunText.NoteState(output, model.Entitlement, Host.Clock.GetUtcNow());
        GeneratingOptions.RequireFits(generating, model.Manifest);
        if (tensors.IsGiven)
        {
            return await new TensorRun(model, output).RunAsync(tensors, cancellationToken);
        }

        return model.Manifest.Task switch
        {
            ModelTasks.TextGeneration or ModelTasks.Translation or ModelTasks.Summarization => await new GenerationRun(model, output).RunAsync(inputs, generating, texts.Truncate, cancellationToken),
            var task when TextRun.Takes(task) => await new TextRun(model, output, texts, topK, cancellationToken).RunAsync(inputs),
            _ => await new PictureRun(model, output).RunAsync(inputs, topK, cancellationToken),
        };
    }
}
