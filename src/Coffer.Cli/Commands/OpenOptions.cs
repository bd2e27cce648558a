using System.CommandLine;
using Coffer.Bundles;
using Coffer.Onnx;

namespace Coffer.Cli.Commands;

/// <summary>What it takes to open a bundle under a license.</summary>
internal sealed class OpenOptions
{
    private readonly Option<string> _trust = new("--trust") { Description = "The folder of trust anchors, as 'coffer keys init' makes it.", HelpName = "DIR", Required = true };
    private readonly Option<string> _license = new("--license") { Description = "The license for this device.", HelpName = "LICENSE", Required = true };
    private readonly Option<string[]> _licenses = new("--license") { Description = "The license for this device: one for all bundles, or one for each, in their order.", HelpName = "LICENSE", Required = true };
    private readonly bool _isForMany;
    private readonly Option<string> _device = new("--device") { Description = "This device's private key, device.key.", HelpName = "DEVICE.key", Required = true };
    private readonly Option<string> _audience = new("--audience") { Description = "The application's id, for a license that is bound to one.", HelpName = "APP" };
    private readonly Option<string[]> _status = new("--status") { Description = "An issuer's status list, for a license that can be revoked. Repeatable.", HelpName = "FILE" };
    private readonly Option<bool> _allowOlder = new("--allow-older") { Description = "Lets a bundle be older than one of the same model that was opened on this device." };
    private readonly Option<string> _providers = new("--provider") { Description = $"What to run on, best first: {string.Join(", ", ProviderNames.All)}; cuda:1 for another device. Default: cpu.", HelpName = "A,B" };
    private readonly Option<bool> _requireGpu = new("--require-gpu") { Description = "Fail rather than run anything on the processor." };
    private readonly PassphraseOptions _passphrase = new();

    /// <param name="isForMany">Whether several bundles are opened: then there may be a license for each.</param>
    public OpenOptions(bool isForMany = false) => _isForMany = isForMany;

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _trust, _isForMany ? _licenses : _license, _device, _audience, _status, _allowOlder, _providers, _requireGpu })
        {
            command.Add(option);
        }

        _passphrase.AddTo(command);
    }

    /// <summary>The device's key; the caller's to dispose, after the model.</summary>
    public FileDeviceKey LoadDevice(ParseResult line, ToolHost host) => FileDeviceKey.Load(line.GetRequiredValue(_device), _passphrase.Read(line, host).Span);

    /// <summary>The licenses of so many bundles.</summary>
    /// <exception cref="FormatException">There is neither one license nor one for each.</exception>
    public IReadOnlyList<License> LoadLicenses(ParseResult line, int bundles)
    {
        var paths = line.GetRequiredValue(_licenses);
        return paths.Length == 1 ? [.. Enumerable.Repeat(License.Load(paths[0]), bundles)]
            : paths.Length == bundles ? [.. paths.Select(License.Load)]
            : throw new FormatException($"There are {bundles} bundles and {paths.Length} licenses. Give one for all, or one for each in the bundles' order.");
    }

    /// <exception cref="FormatException">A value is not of the form that the option takes.</exception>
    public ModelOptions Read(ParseResult line, ToolHost host, FileDeviceKey device) => new()
    {
        Trust = TrustStore.FromDirectory(line.GetRequiredValue(_trust), host.Clock),
        License = License.Load(_isForMany ? line.GetRequiredValue(_licenses)[0] : line.GetRequiredValue(_license)),
        Device = device,
        Audience = line.GetValue(_audience),
        StatusLists = StatusFiles.Load(line.GetValue(_status)),
        AllowOlderBundle = line.GetValue(_allowOlder),
        Clock = host.Clock,
        Execution = new ExecutionOptions
        {
            Providers = line.GetValue(_providers) is { } names
                ? [.. Values.List("--provider", names).Select(name => ProviderNames.Parse("--provider", name))]
                : ExecutionOptions.Default.Providers,
            RequireGpu = line.GetValue(_requireGpu),
        },
    };
}
