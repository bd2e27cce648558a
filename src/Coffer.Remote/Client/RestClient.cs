using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Coffer.Remote;

/// <summary>Requests and replies of the protocols over plain HTTP.</summary>
internal sealed class RestClient : IDisposable
{
    /// <summary>Below this a compressed body saves no packet.</summary>
    private const int MinCompressed = 1400;

    private readonly RemoteEndpointOptions _options;
    private readonly HttpClient _http;

    public RestClient(RemoteEndpointOptions options, StatusUnwrapper? unwrap = null, DelegatingHandler? signing = null)
    {
        _options = options;
        _http = new HttpClient(EndpointHandlers.Create(options, isGrpc: false, unwrap, signing))
        {
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
    }

    /// <summary>An address below the endpoint.</summary>
    public Uri Address(string path)
    {
        var builder = new UriBuilder(_options.Endpoint);
        builder.Path = $"{builder.Path.TrimEnd('/')}/{path}";
        return builder.Uri;
    }

    /// <summary>Sends a body, and gives the reply as soon as its headers are here.</summary>
    public async ValueTask<HttpResponseMessage> PostAsync(Uri address, string contentType, IReadOnlyList<ReadOnlyMemory<byte>> pieces, Action<HttpRequestMessage>? adapt, CancellationToken cancellationToken)
    {
        var length = pieces.Sum(piece => (long)piece.Length);
        if (length > _options.MaxPayload)
        {
            throw RemoteFailures.PayloadTooLarge(_options.Endpoint, _options.MaxPayload.Value);
        }

        using var compressed = _options.Compress && length >= MinCompressed ? Compress(pieces, length) : null;
        using var request = new HttpRequestMessage(HttpMethod.Post, address);
        request.Content = compressed is null ? new MemoryContent(pieces) : new MemoryContent([compressed.Written]);
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        if (compressed is not null)
        {
            request.Content.Headers.ContentEncoding.Add("gzip");
        }

        adapt?.Invoke(request);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends JSON and gives the reply's whole body, which must be JSON.</summary>
    public async ValueTask<PooledBody> PostJsonAsync(Uri address, PooledBody body, Action<HttpRequestMessage>? adapt, CancellationToken cancellationToken)
    {
        using var reply = await PostAsync(address, "application/json", [body.Written], adapt, cancellationToken).ConfigureAwait(false);
        RequireJson(reply);
        return await ReadAsync(reply, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<T> GetAsync<T>(Uri address, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        using var reply = await _http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        RequireJson(reply);
        using var body = await ReadAsync(reply, cancellationToken).ConfigureAwait(false);
        return JsonSerializer.Deserialize(body.Written.Span, type) ?? throw new InvalidDataException("it is null");
    }

    /// <summary>Whether an address answers with success; what it says doesn't matter.</summary>
    public async ValueTask<bool> IsSuccessAsync(Uri address, CancellationToken cancellationToken)
    {
        using var reply = await _http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        return true;
    }

    public async ValueTask<PooledBody> ReadAsync(HttpResponseMessage reply, CancellationToken cancellationToken)
    {
        var body = new PooledBody(_options.Endpoint);
        try
        {
            var stream = await reply.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await body.ReadAsync(stream, cancellationToken).ConfigureAwait(false);
            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>JSON, or a server that doesn't say.</summary>
    public static void RequireJson(HttpResponseMessage reply)
    {
        var type = reply.Content.Headers.ContentType?.MediaType;
        if (type is not null && type is not ("application/json" or "text/json") && !type.EndsWith("+json", StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidDataException($"its content type is {RemoteFailures.Quote(type, secret: null)} instead of application/json");
        }
    }

    private PooledBody? Compress(IReadOnlyList<ReadOnlyMemory<byte>> pieces, long length)
    {
        var compressed = new PooledBody(_options.Endpoint);
        using (var gzip = new GZipStream(new WriterStream(compressed), CompressionLevel.Fastest))
        {
            foreach (var piece in pieces)
            {
                gzip.Write(piece.Span);
            }
        }

        if (compressed.Written.Length <= length * 9 / 10)
        {
            return compressed;
        }

        compressed.Dispose();
        return null;
    }

    /// <summary>What compressors write to.</summary>
    private sealed class WriterStream(PooledBody body) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            buffer.CopyTo(body.GetSpan(buffer.Length));
            body.Advance(buffer.Length);
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
