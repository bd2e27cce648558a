using System.Text;

namespace Coffer.Remote;

/// <summary>The model's own status and words in a reply of a gateway; null where the reply is the gateway's own.</summary>
internal delegate (int Status, string? Message)? StatusUnwrapper(HttpResponseMessage reply, string body);

/// <summary>Lets pass replies with a result, of bounded length; all others become exceptions.</summary>
internal sealed class ReplyHandler(RemoteEndpointOptions options, bool isGrpc, StatusUnwrapper? unwrap) : DelegatingHandler
{
    private const int MaxErrorBody = 16 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage reply;
        try
        {
            reply = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw RemoteFailures.OfTransport(options.Endpoint, e);
        }

        if (!reply.IsSuccessStatusCode)
        {
            using (reply)
            {
                var body = await ReadErrorAsync(reply, cancellationToken).ConfigureAwait(false);
                request.Options.TryGetValue(CredentialHandler.Secret, out var secret);
                throw RemoteFailures.OfStatus(options.Endpoint, reply, body, secret, unwrap?.Invoke(reply, body));
            }
        }

        var type = reply.Content.Headers.ContentType?.MediaType ?? "";
        if (isGrpc && !type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase))
        {
            reply.Dispose();
            throw RemoteFailures.InvalidReply(options.Endpoint, $"its content type is '{RemoteFailures.Quote(type, secret: null)}' instead of application/grpc");
        }

        if (reply.Content.Headers.ContentLength > options.MaxReply)
        {
            reply.Dispose();
            throw RemoteFailures.ReplyTooLarge(options.Endpoint, options.MaxReply);
        }

        reply.Content = new LimitedContent(reply.Content, options, isGrpc);
        return reply;
    }

    /// <summary>The beginning of what a failing server says; empty where even that fails.</summary>
    private static async Task<string> ReadErrorAsync(HttpResponseMessage reply, CancellationToken cancellationToken)
    {
        try
        {
            var stream = await reply.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            var buffer = new byte[MaxErrorBody];
            var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return Encoding.UTF8.GetString(buffer, 0, length);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return "";
        }
    }
}
