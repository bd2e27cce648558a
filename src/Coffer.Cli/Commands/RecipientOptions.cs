using System.CommandLine;
using Coffer.Bundles;

namespace Coffer.Cli.Commands;

/// <summary>Whom a license is for: a device that uses it, or a delegate who passes it on.</summary>
internal sealed class RecipientOptions
{
    private readonly Option<string> _device = new("--device") { Description = "The public file of the device, device.jwk. This or --delegate.", HelpName = "DEVICE.jwk" };
    private readonly Option<string> _delegate = new("--delegate") { Description = "In place of --device: the public file, issuer.jwk, of who may pass the license on to devices with 'coffer license narrow'.", HelpName = "DELEGATE.jwk" };
    private readonly Option<string> _depth = new("--depth") { Description = "How many times in a row it may be passed on, 1 to 7; with --delegate. Default: 1, to devices alone.", HelpName = "N" };
    private readonly bool _hasDepth;

    /// <param name="hasDepth">Whether the command decides how often the license may be passed on.</param>
    public RecipientOptions(bool hasDepth) => _hasDepth = hasDepth;

    public void AddTo(Command command)
    {
        command.Add(_device);
        command.Add(_delegate);
        if (_hasDepth)
        {
            command.Add(_depth);
        }
    }

    /// <summary>The recipient, and how often it may pass the license on: 0 for a device.</summary>
    public (Recipient Recipient, int Depth) Read(ParseResult line)
    {
        var depth = _hasDepth && line.GetValue(_depth) is { } text ? (int)Values.Whole("--depth", text, min: 1, max: 7) : (int?)null;
        return (line.GetValue(_device), line.GetValue(_delegate)) switch
        {
            ({ } device, null) when depth is null => (Recipient.Load(device), 0),
            ({ }, null) => throw new FormatException("--depth is for a license to a delegate: give --delegate in place of --device, or leave --depth out."),
            (null, { } to) => (LoadDelegate(to), depth ?? 1),
            ({ }, { }) => throw new FormatException("Give one of --device and --delegate: a license is for a device, or for somebody who passes it on to devices."),
            _ => throw new FormatException("Say whom the license is for: give --device DEVICE.jwk, or --delegate DELEGATE.jwk for somebody who passes it on to devices."),
        };
    }

    private static Recipient LoadDelegate(string path)
    {
        var recipient = Recipient.Load(path);
        return recipient.LedgerId is null
            ? recipient
            : throw new FormatException($"--delegate is '{path}', the public file of a device: it names a ledger. Give the delegate's issuer.jwk, which 'coffer keys init --issuer' writes, or --device.");
    }
}
