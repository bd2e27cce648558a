using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coffer.Server;

/// <summary>Where a server listens, whom it answers, and how much it takes. Immutable; edit with <c>with</c>.</summary>
public sealed record ServerOptions
{
    /// <summary>The address to listen on. Default: this machine alone, 127.0.0.1.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port of REST: HTTP/1.1, and with a certificate HTTP/2 too. Default 8080; 0 for any that is free.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>The port of gRPC: HTTP/2. Default 8081; 0 for any that is free; null for none.</summary>
    public int? GrpcPort { get; init; } = 8081;

    /// <summary>The server's certificate with its private key, for TLS 1.2 and 1.3 on both ports. Default null: in the clear.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>The certificates between <see cref="Certificate"/> and a root that callers know, sent along with it. Default: none.</summary>
    public X509Certificate2Collection? CertificateChain { get; init; }

    /// <summary>Tokens, of which a caller shows one. Default: none.</summary>
    public IReadOnlyList<BearerToken> Tokens { get; init; } = [];

    /// <summary>
    /// Roots of client certificates: who has one with a chain to a root, for client authentication, needs no token. Needs
    /// <see cref="Certificate"/>. Revocation is not looked up: issue certificates that end soon. Default: none.
    /// </summary>
    public X509Certificate2Collection? ClientRoots { get; init; }

    /// <summary>Answers everybody who reaches the port, who then uses up the license. Default: no.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>
    /// Listens beyond this machine without TLS: tokens, inputs and results can be read on the way. For a network of its own, behind a
    /// proxy or a mesh that encrypts. Default: no.
    /// </summary>
    public bool AllowUnencrypted { get; init; }

    /// <summary>Whether callers may load and unload models (<c>/v2/repository</c>). Default: no.</summary>
    public bool AllowModelControl { get; init; }

    /// <summary>The most bytes of a request's body, after decompression too. Default 64 MiB.</summary>
    public long MaxRequestBody { get; init; } = 64L << 20;

    /// <summary>The most connections at once. Default 1024.</summary>
    public int MaxConnections { get; init; } = 1024;

    /// <summary>The most calls at once, those that wait for their turn included; further ones are told to come again. Default 512.</summary>
    public int MaxCalls { get; init; } = 512;

    /// <summary>
    /// How long a server that is being stopped says that it is not ready, and goes on answering: as long as a load balancer takes to
    /// notice. Default: zero.
    /// </summary>
    public TimeSpan DrainDelay { get; init; }

    /// <summary>How long calls under way then have to end before they are cut off. Default 30 seconds.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What tells the time. Default: the system's clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Gets what the server and ASP.NET Core have to say; never a token or a tensor. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Where it listens; no secret.</summary>
    public override string ToString() => $"ServerOptions {Address}:{Port}";

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Address);
        ArgumentNullException.ThrowIfNull(Tokens);
        ArgumentNullException.ThrowIfNull(Clock);
        ArgumentNullException.ThrowIfNull(LoggerFactory);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRequestBody, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxRequestBody, int.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConnections, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxCalls, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(DrainDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(DrainTimeout, TimeSpan.Zero);
        if (ClientRoots is not null && Certificate is null)
        {
            throw new ArgumentException($"Client certificates are shown within TLS only: set {nameof(Certificate)} beside {nameof(ClientRoots)}.");
        }

        if (!AllowAnonymous && Tokens.Count == 0 && ClientRoots is not { Count: > 0 })
        {
            throw new ArgumentException($"Nobody could call this server: give it {nameof(Tokens)} or {nameof(ClientRoots)}, or let everybody who reaches the port use up the license with {nameof(AllowAnonymous)}.");
        }

        if (Certificate is null && !AllowUnencrypted && !IPAddress.IsLoopback(Address))
        {
            throw new ArgumentException($"Beyond this machine, tokens and inputs could be read on the way: set {nameof(Certificate)}, or say with {nameof(AllowUnencrypted)} that something else encrypts.");
        }

        if (Certificate is { HasPrivateKey: false })
        {
            throw new ArgumentException($"{nameof(Certificate)} has no private key. Load it together with its key.");
        }
    }
}
