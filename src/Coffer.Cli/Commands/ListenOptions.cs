using System.CommandLine;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Coffer.Server;
using Microsoft.Extensions.Logging;

namespace Coffer.Cli.Commands;

/// <summary>Where a server listens, and whom it answers.</summary>
internal sealed class ListenOptions
{
    /// <summary>The environment variable that holds the token where no file does.</summary>
    public const string TokenVariable = "COFFER_SERVER_TOKEN";

    /// <summary>The longest that a stop may take.</summary>
    public static TimeSpan MaxDrain { get; } = TimeSpan.FromMinutes(10);

    private readonly Option<string> _address = new("--address") { Description = "The address to listen on: 0.0.0.0 for every one of this machine.", HelpName = "IP", DefaultValueFactory = _ => "127.0.0.1" };
    private readonly Option<string> _port = new("--port") { Description = "The port of REST; 0 for any that is free.", HelpName = "N", DefaultValueFactory = _ => "8080" };
    private readonly Option<string> _grpcPort = new("--grpc-port") { Description = "The port of gRPC; 0 for any that is free, 'none' for none.", HelpName = "N", DefaultValueFactory = _ => "8081" };
    private readonly Option<string> _tokens = new("--token-file") { Description = $"The tokens that callers show, one a line. Default: the variable {TokenVariable}.", HelpName = "FILE" };
    private readonly Option<string> _certificate = new("--certificate") { Description = "The server's certificate with those above it, in PEM: turns TLS on.", HelpName = "FILE.pem" };
    private readonly Option<string> _certificateKey = new("--certificate-key") { Description = "The certificate's private key, in PEM. Default: in the certificate's file.", HelpName = "FILE.pem" };
    private readonly Option<string> _clientRoots = new("--client-roots") { Description = "Roots in PEM: who has a client certificate of theirs needs no token.", HelpName = "FILE.pem" };
    private readonly Option<bool> _anonymous = new("--anonymous") { Description = "Answer everybody who reaches the port, who then uses up the license." };
    private readonly Option<bool> _unencrypted = new("--unencrypted") { Description = "Listen beyond this machine without TLS: tokens and inputs can be read on the way." };
    private readonly Option<bool> _control = new("--model-control") { Description = "Let callers load and unload models." };
    private readonly Option<string> _maxBody = new("--max-body") { Description = "The most MiB of a request's body.", HelpName = "MIB", DefaultValueFactory = _ => "64" };
    private readonly Option<string> _delay = new("--drain-delay") { Description = "How many seconds a server that is being stopped goes on answering while it says that it is not ready.", HelpName = "S", DefaultValueFactory = _ => "0" };
    private readonly Option<string> _drain = new("--drain-timeout") { Description = "How many seconds calls under way then have to end.", HelpName = "S", DefaultValueFactory = _ => "30" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _address, _port, _grpcPort, _tokens, _certificate, _certificateKey, _clientRoots, _anonymous, _unencrypted, _control, _maxBody, _delay, _drain })
        {
            command.Add(option);
        }
    }

    /// <exception cref="FormatException">A value is not of the form that the option takes, or nobody could call the server.</exception>
    public ServerOptions Read(ParseResult line, ToolHost host, ILoggerFactory logs)
    {
        var options = new ServerOptions
        {
            Address = IPAddress.TryParse(line.GetRequiredValue(_address), out var address) ? address : throw Values.Bad("--address", line.GetRequiredValue(_address), "an IP address"),
            Port = Port("--port", line.GetRequiredValue(_port)),
            GrpcPort = line.GetRequiredValue(_grpcPort) is "none" ? null : Port("--grpc-port", line.GetRequiredValue(_grpcPort)),
            Tokens = ReadTokens(line, host),
            Certificate = ReadCertificate(line),
            CertificateChain = ReadCertificates("--certificate", line.GetValue(_certificate)),
            ClientRoots = ReadCertificates("--client-roots", line.GetValue(_clientRoots)),
            AllowAnonymous = line.GetValue(_anonymous),
            AllowUnencrypted = line.GetValue(_unencrypted),
            AllowModelControl = line.GetValue(_control),
            MaxRequestBody = Values.Whole("--max-body", line.GetRequiredValue(_maxBody), min: 1, 2047) << 20,
            DrainDelay = Seconds("--drain-delay", line.GetRequiredValue(_delay)),
            DrainTimeout = Seconds("--drain-timeout", line.GetRequiredValue(_drain)),
            LoggerFactory = logs,
        };

        // In the words of the command line, not of the options' properties.
        if (!options.AllowAnonymous && options.Tokens.Count == 0 && options.ClientRoots is null)
        {
            throw new FormatException($"Nobody could call this server: give it --token-file (a token: openssl rand -base64 32), the variable {TokenVariable}, or --client-roots; or let everybody who reaches the port use up the license with --anonymous.");
        }

        if (options.Certificate is null && !options.AllowUnencrypted && !IPAddress.IsLoopback(options.Address))
        {
            throw new FormatException("Beyond this machine, tokens and inputs could be read on the way: give a --certificate, or say with --unencrypted that something else encrypts.");
        }

        return options.ClientRoots is not null && options.Certificate is null
            ? throw new FormatException("--client-roots needs a --certificate: client certificates are shown within TLS only.")
            : options;
    }

    private List<BearerToken> ReadTokens(ParseResult line, ToolHost host)
    {
        try
        {
            return line.GetValue(_tokens) is { } path ? [.. BearerToken.Load(path)] : host.ServerToken is { Length: > 0 } token ? [BearerToken.Parse(token)] : [];
        }
        catch (ArgumentException e) when (e is not ArgumentNullException)
        {
            throw new FormatException($"{line.GetValue(_tokens) ?? TokenVariable}: {e.Message}", e);
        }
    }

    private X509Certificate2? ReadCertificate(ParseResult line)
    {
        if (line.GetValue(_certificate) is not { } path)
        {
            return null;
        }

        try
        {
            var certificate = X509Certificate2.CreateFromPemFile(path, line.GetValue(_certificateKey) ?? path);
            if (!OperatingSystem.IsWindows())
            {
                return certificate;
            }

            // TLS on Windows takes no key that is in memory alone.
            using (certificate)
            {
                return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
            }
        }
        catch (CryptographicException e)
        {
            throw new FormatException($"--certificate is '{path}', which is no certificate in PEM with the private key that belongs to it: {e.Message}", e);
        }
    }

    private static X509Certificate2Collection? ReadCertificates(string option, string? path)
    {
        if (path is null)
        {
            return null;
        }

        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(path);
        }
        catch (CryptographicException e)
        {
            throw new FormatException($"{option} is '{path}', which is not PEM: {e.Message}", e);
        }

        return certificates.Count > 0 ? certificates : throw new FormatException($"{option} is '{path}', which holds no certificate.");
    }

    private static int Port(string option, string text) => (int)Values.Whole(option, text, min: 0, 65535);

    private static TimeSpan Seconds(string option, string text) => TimeSpan.FromSeconds(Values.Whole(option, text, min: 0, (long)MaxDrain.TotalSeconds));
}
