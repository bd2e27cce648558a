using System.Globalization;
using System.Runtime.InteropServices;
using Coffer.Inference;

namespace Coffer.Remote;

/// <summary>
/// One graph over HTTP with the binary tensor extension: JSON that describes the tensors, then the tensors, which are sent from the
/// call's memory and read into it as they come.
/// </summary>
internal sealed class OpenInferenceBinaryGraph(OpenInferenceEndpointOptions options, RestClient http, Uri address) : IGraphProtocol
{
    private const string HeaderLength = "Inference-Header-Content-Length";

    public async ValueTask RunAsync(RemoteModelCall call, CancellationToken cancellationToken)
    {
        using var texts = new PooledBody(options.Endpoint, options.MaxPayload);
        using var head = new PooledBody(options.Endpoint, options.MaxPayload);
        var pieces = CreateRequest(call, head, texts);
        head.Lend();
        texts.Lend();
        var length = head.Written.Length.ToString(CultureInfo.InvariantCulture);
        using var reply = await http.PostAsync(address, "application/octet-stream", pieces, request => request.Headers.Add(HeaderLength, length), cancellationToken).ConfigureAwait(false);
        head.Settle();
        texts.Settle();
        if (HeadLength(reply) is not { } replyLength)
        {
            // A server without the extension's second half answers in JSON.
            RestClient.RequireJson(reply);
            using var body = await http.ReadAsync(reply, cancellationToken).ConfigureAwait(false);
            OpenInferenceJson.ReadReply(body.Written.Span, call);
            return;
        }

        var stream = await reply.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await ReadReplyAsync(stream, replyLength, call, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The body's pieces: the JSON, then each input.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> CreateRequest(RemoteModelCall call, PooledBody head, PooledBody texts)
    {
        foreach (var input in call.Inputs)
        {
            TextBytes.WriteRaw(texts, input.Type == ElementType.String ? input.Strings : []);
        }

        var pieces = new List<ReadOnlyMemory<byte>>();
        var start = 0;
        foreach (var input in call.Inputs)
        {
            var length = input.Type == ElementType.String ? TextBytes.RawLength(input.Strings) : 0;
            pieces.Add(input.Type == ElementType.String ? texts.Written.Slice(start, length) : input.Content);
            start += length;
        }

        OpenInferenceJson.WriteRequest(head, call, [.. pieces.Select(piece => piece.Length)]);
        return [head.Written, .. pieces];
    }

    private async ValueTask ReadReplyAsync(Stream stream, int headLength, RemoteModelCall call, CancellationToken cancellationToken)
    {
        using var head = new PooledBody(options.Endpoint);
        await ReadExactlyAsync(stream, head, headLength, cancellationToken).ConfigureAwait(false);
        foreach (var described in OpenInferenceJson.ReadHeads(head.Written.Span))
        {
            var output = OpenInferenceJson.Find(call, described);
            if (described.BinarySize is { } size)
            {
                await ReadOutputAsync(stream, described, size, output, cancellationToken).ConfigureAwait(false);
            }
            else if (output is not null)
            {
                OpenInferenceJson.ReadData(head.Written.Span, described, output);
            }
        }

        if (await stream.ReadAsync(new byte[1], cancellationToken).ConfigureAwait(false) != 0)
        {
            throw new InvalidDataException("it goes on after its last tensor");
        }
    }

    private async ValueTask ReadOutputAsync(Stream stream, OpenInferenceOutputHead described, long size, RemoteTensor? output, CancellationToken cancellationToken)
    {
        if (size < 0 || size > options.MaxReply)
        {
            throw new InvalidDataException($"output '{described.Name}' is said to have {size} bytes");
        }

        if (output is null || output.Type == ElementType.String)
        {
            using var content = new PooledBody(options.Endpoint);
            await ReadExactlyAsync(stream, content, size, cancellationToken).ConfigureAwait(false);
            if (output is not null)
            {
                OpenInferenceContents.ReadRaw(output, CollectionsMarshal.AsSpan(described.Shape), content.Written);
            }

            return;
        }

        var shape = described.Shape.ToArray();
        if (shape.AsSpan().ContainsAnyInRange(long.MinValue, -1) || TensorChecks.Count(shape) != size / ElementTypes.SizeOf(output.Type) || size % ElementTypes.SizeOf(output.Type) != 0)
        {
            throw new InvalidDataException($"output '{output.Name}' of shape [{string.Join(", ", shape)}] is said to have {size} bytes");
        }

        await stream.ReadExactlyAsync(output.Reserve(shape), cancellationToken).ConfigureAwait(false);
        output.RequireBooleans();
    }

    private static async ValueTask ReadExactlyAsync(Stream stream, PooledBody body, long length, CancellationToken cancellationToken)
    {
        while (length > 0)
        {
            var memory = body.GetMemory();
            var read = await stream.ReadAsync(memory[..(int)Math.Min(memory.Length, length)], cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                throw new EndOfStreamException();
            }

            body.Advance(read);
            length -= read;
        }
    }

    private static int? HeadLength(HttpResponseMessage reply)
    {
        if (!reply.Headers.TryGetValues(HeaderLength, out var values) && !reply.Content.Headers.TryGetValues(HeaderLength, out values))
        {
            return null;
        }

        return int.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? length
            : throw new InvalidDataException($"its header {HeaderLength} is no number");
    }
}
