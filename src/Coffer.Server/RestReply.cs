using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Coffer.Server;

/// <summary>Replies that every protocol over HTTP has.</summary>
internal static class RestReply
{
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static async Task WriteJsonAsync(HttpContext context, int status, Action<Utf8JsonWriter> write)
    {
        using var body = RestBody.Create();
        using (var writer = new Utf8JsonWriter(body, WriterOptions))
        {
            write(writer);
        }

        await WriteAsync(context, status, "application/json", body.Written).ConfigureAwait(false);
    }

    public static async Task WriteAsync(HttpContext context, int status, string type, ReadOnlyMemory<byte> body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
    }

    public static bool IsGrpc(HttpRequest request) => request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true;

    /// <summary>Says what went wrong: <c>{"error": …, "reason": …}</c>, or a status of gRPC where the request was of gRPC.</summary>
    public static Task WriteFailureAsync(HttpContext context, ServingFailure failure)
    {
        if (context.Features.Get<ServedRequest>() is { } request)
        {
            request.Outcome = failure.Reason;
        }

        if (context.Response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }

        context.Response.Headers.Remove(HeaderNames.ContentEncoding);
        if (IsGrpc(context.Request))
        {
            // A reply of trailers alone (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).
            context.Response.StatusCode = StatusCodes.Status200OK;
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = ((int)failure.GrpcStatus).ToString(System.Globalization.CultureInfo.InvariantCulture);
            context.Response.Headers["grpc-message"] = Uri.EscapeDataString(failure.Message);
            return Task.CompletedTask;
        }

        if (failure.RetryAfter is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return WriteJsonAsync(context, failure.HttpStatus, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("error"u8, failure.Message);
            writer.WriteString("reason"u8, failure.Reason);
            writer.WriteEndObject();
        });
    }
}
