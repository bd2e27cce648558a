namespace Coffer.Remote;

/// <summary>One graph over HTTP with JSON both ways.</summary>
internal sealed class JsonGraph(RemoteEndpointOptions options, RestClient http, Uri address, JsonFormat format, Action<HttpRequestMessage>? adapt = null) : IGraphProtocol
{
    public async ValueTask RunAsync(RemoteModelCall call, CancellationToken cancellationToken)
    {
        using var body = new PooledBody(options.Endpoint, options.MaxPayload);
        format.Write(body, call);
        body.Lend();
        using var reply = await http.PostJsonAsync(address, body, adapt, cancellationToken).ConfigureAwait(false);
        body.Settle();
        format.Read(reply.Written.Span, call);
    }
}
