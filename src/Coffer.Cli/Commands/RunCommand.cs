using System.CommandLine;
using Coffer.Bundles;
using Coffer.Onnx;

namespace Coffer.Cli.Commands;

/// <summary><c>coffer run</c>: opens a bundle under a license and predicts.</summary>
internal sealed class RunCommand : ToolCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "A bundle." };
    private readonly Argument<string[]> _inputs = new("INPUT") { Description = "Pictures for an image classifier (JPEG, PNG, WebP or BMP), or texts for a text classifier.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string> _trust = new("--trust") { Description = "The folder of trust anchors, as 'coffer keys init' makes it.", HelpName = "DIR", Required = true };
    private readonly Option<string> _license = new("--license") { Description = "The license for this device.", HelpName = "LICENSE", Required = true };
    private readonly Option<string> _device = new("--device") { Description = "This device's private key, device.key.", HelpName = "DEVICE.key", Required = true };
    private readonly Option<string> _audience = new("--audience") { Description = "The application's id, for a license that is bound to one.", HelpName = "APP" };
    private readonly Option<string[]> _status = new("--status") { Description = "An issuer's status list, for a license that can be revoked. Repeatable.", HelpName = "FILE" };
    private readonly Option<bool> _allowOlder = new("--allow-older") { Description = "Lets a bundle be older than one of the same model that was opened on this device." };
    private readonly Option<string> _providers = new("--provider") { Description = $"What to run on, best first: {string.Join(", ", ProviderNames.All)}; cuda:1 for another device. Default: cpu.", HelpName = "A,B" };
    private readonly Option<bool> _requireGpu = new("--require-gpu") { Description = "Fail rather than run anything on the processor." };
    private readonly Option<string> _topK = new("--top-k") { Description = "How many classes to show of a picture or a text.", HelpName = "K", DefaultValueFactory = _ => "5" };
    private readonly TextOptions _texts = new();
    private readonly TensorOptions _tensors = new();
    private readonly PassphraseOptions _passphrase = new();

    public RunCommand(ToolHost host, Option<bool> json)
        : base(
            host,
            json,
            "run",
            "Opens a bundle under a license and predicts.",
            "coffer run digits.coffer --trust keys/trust --license digits.license --device keys/device.key seven.png",
            "coffer run sentiment.coffer --trust keys/trust --license sentiment.license --device keys/device.key \"A quiet, lovely film.\"",
            "coffer run any.coffer --trust keys/trust --license any.license --device keys/device.key --input x=x.npy --output-dir out")
    {
        foreach (var option in new Option[] { _trust, _license, _device, _audience, _status, _allowOlder, _providers, _requireGpu, _topK })
        {
            Add(option);
        }

        Add(_file);
        Add(_inputs);
        _texts.AddTo(this);
        _tensors.AddTo(this);
        _passphrase.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        var inputs = line.GetValue(_inputs) ?? [];
        var texts = _texts.Read(line);
        var tensors = _tensors.Read(line);
        var topK = (int)Values.Whole("--top-k", line.GetRequiredValue(_topK), min: 1, int.MaxValue);
        if (inputs.Length > 0 == tensors.IsGiven)
        {
            throw new FormatException("Give pictures or texts, or tensors with --input name=file.npy, not both and not neither. 'coffer inspect' says what the bundle's task is.");
        }

        using var device = FileDeviceKey.Load(line.GetRequiredValue(_device), _passphrase.Read(line, Host).Span);
        using var model = await ProtectedModel.OpenAsync(line.GetRequiredValue(_file), ReadOptions(line, device), cancellationToken);
        RunText.NoteState(output, model.Entitlement, Host.Clock.GetUtcNow());
        if (tensors.IsGiven)
        {
            return await new TensorRun(model, output).RunAsync(tensors, cancellationToken);
        }

        return model.Manifest.Task == ModelTasks.TextClassification
            ? await new TextClassifierRun(model, output).RunAsync(inputs, texts, topK, cancellationToken)
            : await new PictureRun(model, output).RunAsync(inputs, topK, cancellationToken);
    }

    private ModelOptions ReadOptions(ParseResult line, FileDeviceKey device) => new()
    {
        Trust = TrustStore.FromDirectory(line.GetRequiredValue(_trust), Host.Clock),
        License = License.Load(line.GetRequiredValue(_license)),
        Device = device,
        Audience = line.GetValue(_audience),
        StatusLists = StatusFiles.Load(line.GetValue(_status)),
        AllowOlderBundle = line.GetValue(_allowOlder),
        Clock = Host.Clock,
        Execution = new ExecutionOptions
        {
            Providers = line.GetValue(_providers) is { } names
                ? [.. Values.List("--provider", names).Select(name => ProviderNames.Parse("--provider", name))]
                : ExecutionOptions.Default.Providers,
            RequireGpu = line.GetValue(_requireGpu),
        },
    };
}
