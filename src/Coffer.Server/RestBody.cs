using Coffer.Remote;
using Microsoft.AspNetCore.Http;

namespace Coffer.Server;

/// <summary>Bodies in pooled buffers. The host's limit holds while a request is read.</summary>
internal static class RestBody
{
    private static readonly Uri Here = new("about:blank");

    public static PooledBody Create() => new(Here);

    /// <summary>Reads a request's body to its end.</summary>
    /// <exception cref="BadHttpRequestException">It is larger than the server takes.</exception>
    public static async ValueTask<PooledBody> ReadAsync(HttpContext context)
    {
        var body = Create();
        try
        {
            await body.ReadAsync(context.Request.Body, context.RequestAborted).ConfigureAwait(false);
            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }
}
