using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Coffer.Bundles;

/// <summary>Fetches one status list over HTTP, at most as large as one may be.</summary>
internal sealed class StatusFetch(HttpClient client, string? tag)
{
    /// <returns>The list; null where the one at hand is the newest.</returns>
    /// <exception cref="HttpRequestException">It could not be fetched.</exception>
    public async Task<FetchedStatus?> GetAsync(string uri, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/statuslist+jwt"));
        if (tag is not null && EntityTagHeaderValue.TryParse(tag, out var known))
        {
            request.Headers.IfNoneMatch.Add(known);
        }

        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotModified)
        {
            return null;
        }

        _ = response.EnsureSuccessStatusCode();
        return new FetchedStatus(await ReadAsync(response.Content, cancellationToken).ConfigureAwait(false), response.Headers.ETag?.ToString());
    }

    // Content-Length is the sender's word, and absent in chunked transfer.
    private static async Task<string> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        using var body = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var buffer = new byte[Jws.MaxLength + 2];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return length < buffer.Length
            ? Encoding.UTF8.GetString(buffer, 0, length).TrimEnd('\r', '\n')
            : throw StatusList.Invalid($"A status list is longer than {Jws.MaxLength} bytes");
    }
}
