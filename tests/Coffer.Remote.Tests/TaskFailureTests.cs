using System.Text;
using Coffer.Inference;
using Coffer.Remote.Tests.StandIn;
using Microsoft.AspNetCore.Http;

namespace Coffer.Remote.Tests;

/// <summary>What every predictor over an endpoint's task does when the endpoint, or the way to it, fails.</summary>
public sealed class TaskFailureTests : IAsyncLifetime
{
    private StandInServer _server = null!;
    private TaskEndpoints _endpoints = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Whole => [.. TaskEndpoints.Whole];

    public static TheoryData<string> Streams => [.. TaskEndpoints.Streams];

    public static TheoryData<string> All => [.. TaskEndpoints.Whole, .. TaskEndpoints.Streams];

    public async ValueTask InitializeAsync()
    {
        _server = await StandInServer.StartAsync(TestModels.All);
        _endpoints = new TaskEndpoints(_server);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(All))]
    public async Task PredictAsync_Throttled_SaysForHowLongAndWhichRequest(string kind)
    {
        Answer(429, "application/json", """{"error": {"message": "Rate limit reached", "type": "requests", "code": "rate_limit_exceeded"}}""", ("Retry-After", "12"), ("x-request-id", "req-9"));

        var exception = await _endpoints.FailAsync(kind, Token);

        Assert.Equal((RemoteError.Throttled, true, TimeSpan.FromSeconds(12), "req-9", 429), (exception.Error, exception.IsTransient, exception.RetryAfter, exception.RequestId, exception.HttpStatus));
        Assert.Contains("Rate limit reached", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chat", 429, """{"error": {"message": "You exceeded your current quota", "type": "insufficient_quota", "code": "insufficient_quota"}}""", RemoteError.Forbidden)]
    [InlineData("chat", 404, """{"error": {"message": "The model does not exist", "code": "model_not_found"}}""", RemoteError.NotFound)]
    [InlineData("chat", 413, "{}", RemoteError.PayloadTooLarge)]
    [InlineData("generation", 422, """{"error": "Input validation error", "error_type": "validation"}""", RemoteError.InvalidRequest)]
    [InlineData("generation", 424, """{"error": "Request failed during generation", "error_type": "generation"}""", RemoteError.ModelFailed)]
    [InlineData("embed", 429, """{"error": "Model is overloaded", "error_type": "Overloaded"}""", RemoteError.Throttled)]
    public async Task PredictAsync_Status_BecomesItsError(string kind, int status, string body, RemoteError error)
    {
        Answer(status, "application/json", body);

        Assert.Equal(error, (await _endpoints.FailAsync(kind, Token)).Error);
    }

    [Fact]
    public async Task PredictAsync_ModelThatIsLoading_SaysForHowLong()
    {
        Answer(503, "application/json", """{"error": "Model is currently loading", "estimated_time": 20.5}""");

        var exception = await _endpoints.FailAsync("classify", Token);

        Assert.Equal((RemoteError.Unavailable, TimeSpan.FromSeconds(20.5)), (exception.Error, exception.RetryAfter));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task PredictAsync_WrongKey_IsUnauthenticatedAndNeverQuoted(string kind)
    {
        const string Secret = "sk-wrong-9876543210";
        _endpoints.Edit = options => options with { Credential = _ => ValueTask.FromResult(RemoteCredential.Bearer(Secret)) };
        Assert.Equal(RemoteError.Unauthenticated, (await _endpoints.FailAsync(kind, Token)).Error);

        // A server that quotes it, once with a status and once within the result.
        foreach (var status in (int[])[401, 200])
        {
            var error = $$$"""{"error": {"message": "bad key {{{Secret}}}", "code": 401}}""";
            Answer(status, IsStream(kind) && status == 200 ? "text/event-stream" : "application/json", IsStream(kind) && status == 200 ? $"data: {error}\n\n" : error, ("x-request-id", "req-3"));
            var exception = await _endpoints.FailAsync(kind, Token);
            Assert.Equal((RemoteError.Unauthenticated, "req-3"), (exception.Error, exception.RequestId));
            Assert.DoesNotContain(Secret, exception.ToString(), StringComparison.Ordinal);
            Assert.Contains("(redacted)", exception.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{"error": {"message": "later", "type": "requests", "code": "rate_limit_exceeded"}}""", RemoteError.Throttled)]
    [InlineData("""{"error": "Model is overloaded", "error_type": "overloaded"}""", RemoteError.Throttled)]
    [InlineData("""{"error": {"message": "too long", "type": "invalid_request_error", "code": "context_length_exceeded"}}""", RemoteError.InvalidRequest)]
    [InlineData("""{"error": {"message": "gone", "code": 503}}""", RemoteError.Unavailable)]
    [InlineData("""{"error": "CUDA out of memory", "error_type": "generation"}""", RemoteError.ModelFailed)]
    [InlineData("""{"error": {"message": 7, "code": {"x": 1}}}""", RemoteError.ModelFailed)]
    public async Task PredictAsync_ErrorInTheBodyOrAnEvent_BecomesItsError(string body, RemoteError error)
    {
        foreach (var kind in TaskEndpoints.Whole)
        {
            Answer(200, "application/json", body);
            Assert.Equal(error, (await _endpoints.FailAsync(kind, Token)).Error);
        }

        foreach (var kind in TaskEndpoints.Streams)
        {
            Answer(200, "text/event-stream", $"data: {body}\n\n");
            Assert.Equal(error, (await _endpoints.FailAsync(kind, Token)).Error);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task PredictAsync_OtherContentTypeOrBrokenJson_IsAnInvalidReply(string kind)
    {
        Answer(200, "text/html", "<html>Please log in</html>");
        var exception = await _endpoints.FailAsync(kind, Token);
        Assert.Equal(RemoteError.InvalidReply, exception.Error);
        Assert.Contains("text/html", exception.Message, StringComparison.Ordinal);

        foreach (var body in (string[])["{\"choices\": [{\"index\": 0, \"mess", "", "null", "[]", "{}", "7", "[[[1]]]", "[{\"label\": 7, \"score\": \"x\"}]"])
        {
            Answer(200, IsStream(kind) ? "text/event-stream" : "application/json", IsStream(kind) ? $"data: {body}\n\n" : body);
            Assert.Equal(RemoteError.InvalidReply, (await _endpoints.FailAsync(kind, Token)).Error);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task PredictAsync_SlowServer_ThrowsTimedOut(string kind)
    {
        _server.Fault = async context =>
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
            return true;
        };
        _endpoints.Edit = options => options with { Timeout = TimeSpan.FromMilliseconds(200) };

        Assert.Equal(RemoteError.TimedOut, (await _endpoints.FailAsync(kind, Token)).Error);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task PredictAsync_CancelledByTheCaller_ThrowsThatAndEndsTheRequest(string kind)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Token);
        _server.Fault = async context =>
        {
            await using var registration = context.RequestAborted.Register(ended.SetResult);
            await cancellation.CancelAsync();
            await ended.Task;
            return true;
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _endpoints.CallAsync(kind, "text", cancellation.Token));

        await ended.Task.WaitAsync(Token);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task PredictAsync_ConnectionDroppedWithinTheReply_ThrowsConnectionLost(string kind)
    {
        _server.Fault = async context =>
        {
            context.Response.ContentType = IsStream(kind) ? "text/event-stream" : "application/json";
            await context.Response.Body.WriteAsync("data: {\"choices\""u8.ToArray());
            await context.Response.Body.FlushAsync();
            context.Abort();
            return true;
        };

        var exception = await _endpoints.FailAsync(kind, Token);

        Assert.Equal((RemoteError.ConnectionLost, true), (exception.Error, exception.IsTransient));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task PredictAsync_PayloadBeyondTheLimit_SendsNothing(string kind)
    {
        _endpoints.Edit = options => options with { MaxPayload = 1000 };

        var exception = await Assert.ThrowsAsync<RemoteException>(() => _endpoints.CallAsync(kind, new string('x', 2000), Token));

        Assert.Equal(RemoteError.PayloadTooLarge, exception.Error);
        Assert.Empty(_server.Requests);
        await _endpoints.CallAsync(kind, "a good text", Token);
    }

    [Theory]
    [MemberData(nameof(Whole))]
    public async Task PredictAsync_ReplyBeyondTheLimit_ThrowsReplyTooLarge(string kind)
    {
        _endpoints.Edit = options => options with { MaxReply = 8 };

        Assert.Equal(RemoteError.ReplyTooLarge, (await _endpoints.FailAsync(kind, Token)).Error);
    }

    // The stand-in's own stream, ended after each of its events: only the whole is a result.
    [Theory]
    [MemberData(nameof(Streams))]
    public async Task PredictStreamAsync_EndedEarly_GivesWhatCameThenThrows(string kind)
    {
        var whole = await _endpoints.StreamAsync(kind, "text", Token).ToListAsync(Token);
        for (var events = 0; events < whole.Count - 1; events++)
        {
            var body = string.Concat(Enumerable.Range(0, events).Select(i => kind == "generation stream"
                ? $$$"""data: {"index": {{{i}}}, "token": {"id": {{{i}}}, "text": "p{{{i}}}", "special": false}, "details": null}""" + "\n\n"
                : $$$"""data: {"choices": [{"index": 0, "delta": {"content": "p{{{i}}}"}, "finish_reason": null}]}""" + "\n\n"));
            Answer(200, "text/event-stream", body);
            var seen = new List<string>();

            var exception = await Assert.ThrowsAsync<RemoteException>(async () =>
            {
                await foreach (var token in _endpoints.StreamAsync(kind, "text", Token))
                {
                    Assert.Null(token.FinishReason);
                    seen.Add(token.Text);
                }
            });

            Assert.Equal(RemoteError.InvalidReply, exception.Error);
            Assert.Equal(Enumerable.Range(0, events).Select(i => $"p{i}"), seen);
        }
    }

    // Half-closed: the events came, and the connection stays silent.
    [Theory]
    [MemberData(nameof(Streams))]
    public async Task PredictStreamAsync_SilentAfterAnItem_ThrowsTimedOut(string kind)
    {
        _server.Fault = async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(kind == "generation stream"
                ? """data: {"token": {"id": 1, "text": "first", "special": false}}""" + "\n\n"
                : """data: {"choices": [{"index": 0, "delta": {"content": "first"}, "finish_reason": null}]}""" + "\n\n"));
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
            return true;
        };
        _endpoints.Edit = options => options with { Timeout = TimeSpan.FromMilliseconds(500) };
        var seen = new List<string>();

        var exception = await Assert.ThrowsAsync<RemoteException>(async () =>
        {
            await foreach (var token in _endpoints.StreamAsync(kind, "text", Token))
            {
                seen.Add(token.Text);
            }
        });

        Assert.Equal(RemoteError.TimedOut, exception.Error);
        Assert.Equal(["first"], seen);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task PredictStreamAsync_ReaderStops_EndsTheRequest(string kind)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.Fault = async context =>
        {
            await using var registration = context.RequestAborted.Register(ended.SetResult);
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(kind == "generation stream"
                ? """data: {"token": {"id": 1, "text": "first", "special": false}}""" + "\n\n"
                : """data: {"choices": [{"index": 0, "delta": {"content": "first"}, "finish_reason": null}]}""" + "\n\n"));
            await context.Response.Body.FlushAsync();
            await ended.Task;
            return true;
        };

        await foreach (var token in _endpoints.StreamAsync(kind, "text", Token))
        {
            Assert.Equal("first", token.Text);
            break;
        }

        await ended.Task.WaitAsync(Token);
    }

    private static bool IsStream(string kind) => TaskEndpoints.Streams.Contains(kind);

    private void Answer(int status, string type, string body, params (string Name, string Value)[] headers) => _server.Fault = async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        foreach (var (name, value) in headers)
        {
            context.Response.Headers[name] = value;
        }

        await context.Response.WriteAsync(body);
        return true;
    };
}
