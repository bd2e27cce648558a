using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Coffer.Bundles;
using Coffer.Inference;

namespace Coffer.Remote;

/// <summary>An endpoint that does a task as a whole: JSON there; JSON, or a stream of events, back. Thread-safe; calls in flight outlive it.</summary>
internal sealed class TaskEndpoint : IDisposable
{
    // Bodies go to a server that reads JSON, not into a page: other scripts than Latin travel as they are.
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly RemoteTaskOptions _options;
    private readonly string _protocol;
    private readonly RestClient _http;
    private readonly Uri _address;
    private readonly EndpointLease _lease;
    private int _disposed;

    /// <param name="options">The endpoint.</param>
    /// <param name="protocol">For every result: what it was made with.</param>
    /// <param name="path">What is below the endpoint; null for the endpoint itself.</param>
    /// <param name="unwrap">Reads what a status means where the body says it better.</param>
    public TaskEndpoint(RemoteTaskOptions options, string protocol, string? path, StatusUnwrapper? unwrap = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _protocol = protocol;
        _http = new RestClient(options, unwrap);
        _address = path is null ? options.Endpoint : _http.Address(path);
        _lease = new EndpointLease(_http);
        Endpoint = RemoteException.Bare(options.Endpoint);
    }

    /// <summary>Without what may be secret.</summary>
    public Uri Endpoint { get; }

    /// <summary>Sends one request for each input, several at once, and says with each result where it was made.</summary>
    /// <param name="inputs">The inputs; each may stand for several.</param>
    /// <param name="ask">Gets the result of one.</param>
    /// <param name="cancellationToken">Stops all.</param>
    /// <exception cref="RemoteException">The endpoint gave no result for one of them.</exception>
    public async Task<IReadOnlyList<Prediction<T>>> PredictAsync<TInput, T>(
        IReadOnlyList<TInput> inputs, Func<TInput, CancellationToken, ValueTask<IReadOnlyList<T>>> ask, CancellationToken cancellationToken)
    {
        RequireOpen();
        var started = TimeProvider.System.GetTimestamp();
        var results = new IReadOnlyList<T>[inputs.Count];
        if (inputs.Count == 1)
        {
            results[0] = await ask(inputs[0], cancellationToken).ConfigureAwait(false);
        }
        else
        {
            var limits = new ParallelOptions { MaxDegreeOfParallelism = _options.MaxConcurrency, CancellationToken = cancellationToken };
            await Parallel.ForAsync(0, inputs.Count, limits, async (i, token) => results[i] = await ask(inputs[i], token).ConfigureAwait(false)).ConfigureAwait(false);
        }

        var duration = TimeProvider.System.GetElapsedTime(started);
        return [.. results.SelectMany(result => result).Select(value => new Prediction<T>
        {
            Value = value,
            Target = ExecutionTarget.Remote,
            ExecutionProvider = _protocol,
            ModelDigest = "",
            Duration = duration,
        })];
    }

    /// <summary>Sends a request, and reads its whole reply.</summary>
    /// <exception cref="RemoteException">The endpoint gave no result.</exception>
    public async ValueTask<TReply> AskAsync<TRequest, TReply>(TRequest request, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TReply> replyType, CancellationToken cancellationToken)
    {
        RequireOpen();
        TReply? result = default;
        _lease.Join();
        try
        {
            await RemoteCalls.RunAsync(_options, async token =>
            {
                using var reply = await PostAsync(request, requestType, token).ConfigureAwait(false);
                RestClient.RequireJson(reply);
                using var body = await _http.ReadAsync(reply, token).ConfigureAwait(false);
                result = Parse(body.Written, reply, replyType);
            }, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _lease.Leave();
        }

        return result!;
    }

    /// <summary>Sends a request, and gives each event of its reply as it comes.</summary>
    /// <param name="request">The request.</param>
    /// <param name="requestType">How it is written.</param>
    /// <param name="eventType">How an event is read.</param>
    /// <param name="end">An event that is not JSON and ends the stream; null where none does.</param>
    /// <param name="cancellationToken">Stops the stream.</param>
    /// <exception cref="RemoteException">The endpoint gave no event, or broke off.</exception>
    public async IAsyncEnumerable<TEvent> StreamAsync<TRequest, TEvent>(
        TRequest request, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TEvent> eventType, string? end, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RequireOpen();
        _lease.Join();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var events = EventsAsync(request, requestType, eventType, end, timeout.Token).GetAsyncEnumerator(CancellationToken.None);
        try
        {
            while (await StepAsync(events, timeout, cancellationToken).ConfigureAwait(false))
            {
                yield return events.Current;
            }
        }
        finally
        {
            await events.DisposeAsync().ConfigureAwait(false);
            _lease.Leave();
        }
    }

    public RemoteException InvalidReply(string what) => RemoteFailures.InvalidReply(Endpoint, what);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _lease.Leave();
        }
    }

    private void RequireOpen() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);

    // The time that the reader takes for an item is not the endpoint's.
    private async ValueTask<bool> StepAsync<TEvent>(IAsyncEnumerator<TEvent> events, CancellationTokenSource timeout, CancellationToken cancellationToken)
    {
        timeout.CancelAfter(_options.Timeout);
        try
        {
            return await events.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (InferenceException or InputException))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw RemoteCalls.Translate(_options, timeout.IsCancellationRequested, e);
        }
        finally
        {
            timeout.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    private async IAsyncEnumerable<TEvent> EventsAsync<TRequest, TEvent>(
        TRequest request, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TEvent> eventType, string? end, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reply = await PostAsync(request, requestType, cancellationToken).ConfigureAwait(false);
        var type = reply.Content.Headers.ContentType?.MediaType ?? "";
        if (!type.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidDataException($"its content type is '{RemoteFailures.Quote(type, secret: null)}' instead of text/event-stream");
        }

        var stream = await reply.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var parser = SseParser.Create(stream, (_, data) => end is not null && data.SequenceEqual(System.Text.Encoding.UTF8.GetBytes(end)) ? null : data.ToArray());
        await foreach (var item in parser.EnumerateAsync(cancellationToken).ConfigureAwait(false))
        {
            if (item.Data is null)
            {
                yield break;
            }

            yield return Parse(item.Data, reply, eventType);
        }
    }

    private async ValueTask<HttpResponseMessage> PostAsync<TRequest>(TRequest request, JsonTypeInfo<TRequest> type, CancellationToken cancellationToken)
    {
        using var body = new PooledBody(_options.Endpoint, _options.MaxPayload);
        using (var writer = new Utf8JsonWriter(body, Relaxed))
        {
            JsonSerializer.Serialize(writer, request, type);
        }

        body.Lend();
        var reply = await _http.PostAsync(_address, "application/json", [body.Written], adapt: null, cancellationToken).ConfigureAwait(false);
        body.Settle();
        return reply;
    }

    private T Parse<T>(ReadOnlyMemory<byte> json, HttpResponseMessage reply, JsonTypeInfo<T> type)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("error", out var error) && error.ValueKind != JsonValueKind.Null)
        {
            string? secret = null;
            reply.RequestMessage?.Options.TryGetValue(CredentialHandler.Secret, out secret);
            throw RemoteFailures.OfBody(_options.Endpoint, root, RemoteFailures.RequestId(reply), secret);
        }

        return root.Deserialize(type) ?? throw new InvalidDataException("it is null");
    }
}
