using System.CommandLine;
using Coffer.Inference;
using Coffer.Server;

namespace Coffer.Cli.Commands;

/// <summary><c>coffer serve</c>: answers callers on the network, until it is stopped.</summary>
internal sealed class ServeCommand : ToolCommand
{
    private readonly Argument<string[]> _files = new("FILE") { Description = "Bundles to serve.", Arity = ArgumentArity.OneOrMore };
    private readonly OpenOptions _open = new(isForMany: true);
    private readonly ListenOptions _listen = new();
    private readonly Option<string> _collect = new("--micro-batch") { Description = "Collect concurrent requests into runs of so many rows at most. Default: each runs by itself.", HelpName = "N" };

    public ServeCommand(ToolHost host, Option<bool> json)
        : base(
            host,
            json,
            "serve",
            "Serves bundles over Open Inference Protocol v2 (REST and gRPC) and TensorFlow Serving's REST, until Ctrl+C. A model's name is the last part of its id. Every request is charged for as one input.",
            "coffer serve digits.coffer --trust keys/trust --license digits.license --device keys/device.key --token-file token",
            "coffer serve digits.coffer --trust keys/trust --license digits.license --device keys/device.key --token-file token --address 0.0.0.0 --certificate server.pem --certificate-key server-key.pem --micro-batch 16")
    {
        _open.AddTo(this);
        _listen.AddTo(this);
        Add(_collect);
        Add(_files);
    }

    /// <inheritdoc/>
    public override TimeSpan? Patience => (2 * ListenOptions.MaxDrain) + TimeSpan.FromMinutes(1);

    protected override async Task<int> RunAsync(ParseResult line, Output output, CancellationToken cancellationToken)
    {
        using var logs = new NoteLogs(output);
        var listen = _listen.Read(line, Host, logs);
        using var certificate = listen.Certificate;
        using var device = _open.LoadDevice(line, Host);
        var options = _open.Read(line, Host, device) with
        {
            Logger = logs.CreateLogger("Coffer"),
            Batching = line.GetValue(_collect) is { } rows ? new BatchingOptions { MaxBatch = (int)Values.Whole("--micro-batch", rows, min: 1, 1 << 20) } : null,
        };
        var files = line.GetRequiredValue(_files);
        var licenses = _open.LoadLicenses(line, files.Length);

        await using var server = await ModelServer.StartAsync(listen, cancellationToken);
        await server.LoadAsync([.. files.Select((file, i) => new BundleSource(file, options with { License = licenses[i] }))], cancellationToken);
        WriteAddresses(output, server, files, listen);
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (cancellationToken.Register(stopped.SetResult))
        {
            await stopped.Task;
        }

        output.Note("Stopping: calls under way end first.");
        await server.StopAsync();
        return ExitCodes.Ok;
    }

    private static void WriteAddresses(Output output, ModelServer server, string[] files, ServerOptions listen)
    {
        if (output.IsJson)
        {
            output.Json(writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("rest", server.Addresses[0].ToString());
                if (server.Addresses.Count > 1)
                {
                    writer.WriteString("grpc", server.Addresses[1].ToString());
                }

                writer.WriteEndObject();
            });
            return;
        }

        output.Line($"Serving {string.Join(", ", files.Select(Path.GetFileName))}{(listen.AllowAnonymous ? " to everybody who reaches it" : "")}. Ctrl+C stops.");
        output.Fields(("REST", server.Addresses[0].ToString()), ("gRPC", server.Addresses.Count > 1 ? server.Addresses[1].ToString() : null));
    }
}
