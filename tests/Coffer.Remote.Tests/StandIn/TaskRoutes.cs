using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Coffer.Remote.Tests.StandIn;

/// <summary>
/// OpenAI's API and Hugging Face's, from their published references: the key is checked, fields that they don't have are refused, and what comes
/// back follows from what was sent.
/// </summary>
internal static class TaskRoutes
{
    public const string Key = "sk-test-0123456789";

    private static readonly string[] ChatFields = ["model", "messages", "max_completion_tokens", "max_tokens", "temperature", "top_p", "frequency_penalty", "presence_penalty", "seed", "stop", "n", "stream", "stream_options"];
    private static readonly string[] GenerationFields = ["max_new_tokens", "do_sample", "temperature", "top_k", "top_p", "repetition_penalty", "frequency_penalty", "seed", "stop", "return_full_text", "details"];

    public static void Map(WebApplication application)
    {
        application.MapPost("/v1/chat/completions", context => HandleAsync(context, ChatAsync));
        application.MapPost("/v1/embeddings", context => HandleAsync(context, EmbeddingsAsync));
        application.MapPost("/tgi", context => HandleAsync(context, GenerateAsync));
        application.MapPost("/tei/embed", context => HandleAsync(context, EmbedAsync));
        application.MapPost("/hf/classify", context => HandleAsync(context, ClassifyAsync));
        application.MapPost("/hf/zero-shot", context => HandleAsync(context, ZeroShotAsync));
    }

    /// <summary>The vector that stands for a text.</summary>
    public static float[] Vector(string text) => [text.Length, text[0], 0.5f];

    private static async Task HandleAsync(HttpContext context, Func<HttpContext, JsonObject, Task> answer)
    {
        context.Response.Headers["x-request-id"] = "req-7";
        if (context.Request.Headers.Authorization != $"Bearer {Key}")
        {
            await RefuseAsync(context, 401, "Incorrect API key provided");
            return;
        }

        await answer(context, (await JsonNode.ParseAsync(context.Request.Body))!.AsObject());
    }

    private static async Task ChatAsync(HttpContext context, JsonObject request)
    {
        if (Unknown(request, ChatFields) is { } field)
        {
            await RefuseAsync(context, 400, $"Unrecognized request argument supplied: {field}");
            return;
        }

        var messages = request["messages"]!.AsArray();
        var text = $"{(string?)request["model"]}: {(string?)messages[^1]!["content"]}";
        var limit = (int?)(request["max_completion_tokens"] ?? request["max_tokens"]) ?? int.MaxValue;
        // A token is three characters, which may be half of a placeholder.
        var pieces = text.Chunk(3).Select(piece => new string(piece)).ToArray();
        var reason = pieces.Length > limit ? "length" : "stop";
        pieces = [.. pieces.Take(limit)];
        var usage = new JsonObject { ["prompt_tokens"] = messages.Count, ["completion_tokens"] = pieces.Length, ["total_tokens"] = messages.Count + pieces.Length, ["prompt_tokens_details"] = new JsonObject { ["cached_tokens"] = 1 } };
        if ((bool?)request["stream"] != true)
        {
            var choices = new JsonArray();
            // In another order than asked: the index says which is which.
            for (var i = ((int?)request["n"] ?? 1) - 1; i >= 0; i--)
            {
                choices.Add(new JsonObject { ["index"] = i, ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = string.Concat(pieces) + (i == 0 ? "" : i), ["refusal"] = null }, ["logprobs"] = null, ["finish_reason"] = reason });
            }

            await context.Response.WriteAsJsonAsync(new JsonObject { ["id"] = "chatcmpl-1", ["object"] = "chat.completion", ["error"] = null, ["choices"] = choices, ["usage"] = usage });
            return;
        }

        context.Response.ContentType = "text/event-stream";
        await SendAsync(context, ": keep-alive\n\n");
        await EventAsync(context, Chunk(new JsonObject { ["role"] = "assistant", ["content"] = "" }, null));
        foreach (var piece in pieces)
        {
            await EventAsync(context, Chunk(new JsonObject { ["content"] = piece }, null));
        }

        await EventAsync(context, Chunk([], reason));
        if ((bool?)request["stream_options"]?["include_usage"] == true)
        {
            await EventAsync(context, new JsonObject { ["choices"] = new JsonArray(), ["usage"] = usage });
        }

        await SendAsync(context, "data: [DONE]\n\n");
    }

    private static async Task EmbeddingsAsync(HttpContext context, JsonObject request)
    {
        var data = new JsonArray();
        foreach (var (i, text) in request["input"]!.AsArray().Index().Reverse())
        {
            data.Add(new JsonObject { ["object"] = "embedding", ["index"] = i, ["embedding"] = new JsonArray([.. Vector((string)text!).Take((int?)request["dimensions"] ?? 3).Select(number => (JsonNode)number)]) });
        }

        await context.Response.WriteAsJsonAsync(new JsonObject { ["object"] = "list", ["data"] = data, ["model"] = (string?)request["model"], ["usage"] = new JsonObject { ["prompt_tokens"] = 1, ["total_tokens"] = 1 } });
    }

    private static async Task GenerateAsync(HttpContext context, JsonObject request)
    {
        var parameters = request["parameters"]!.AsObject();
        if (Unknown(parameters, GenerationFields) is { } field)
        {
            await RefuseAsync(context, 422, $"Input validation error: unknown {field}");
            return;
        }

        if ((float?)parameters["temperature"] == 0 || (float?)parameters["top_p"] == 1 || (int?)parameters["top_k"] == 0)
        {
            context.Response.StatusCode = 422;
            await context.Response.WriteAsJsonAsync(new { error = "Input validation error: `temperature` must be strictly positive", error_type = "validation" });
            return;
        }

        // As TGI does: a stop sequence that was written stays in the text, and the token that ends it is special.
        var text = (string)request["inputs"]! + " and so on";
        var stop = parameters["stop"]?.AsArray().Select(one => (string)one!).FirstOrDefault(one => text.Contains(one, StringComparison.Ordinal));
        text = stop is null ? text : text[..(text.IndexOf(stop, StringComparison.Ordinal) + stop.Length)];
        var tokens = text.Chunk(3).Select((piece, i) => Token(100 + i, new string(piece), false)).ToList();
        var reason = stop is null ? "eos_token" : "stop_sequence";
        if (tokens.Count > ((int?)parameters["max_new_tokens"] ?? 100))
        {
            tokens = [.. tokens.Take((int)parameters["max_new_tokens"]!)];
            reason = "length";
        }

        if (reason == "eos_token")
        {
            tokens.Add(Token(2, "</s>", true));
        }

        var generated = string.Concat(tokens.Where(token => !(bool)token["special"]!).Select(token => (string?)token["text"]));
        if ((bool?)request["stream"] != true)
        {
            var prefill = new JsonArray(Token(1, "<s>", true), Token(5, "x", false));
            var details = new JsonObject { ["finish_reason"] = reason, ["generated_tokens"] = tokens.Count, ["seed"] = null, ["prefill"] = prefill, ["tokens"] = new JsonArray([.. tokens]) };
            await context.Response.WriteAsJsonAsync(new JsonArray(new JsonObject { ["generated_text"] = generated, ["details"] = details }));
            return;
        }

        context.Response.ContentType = "text/event-stream";
        foreach (var (i, token) in tokens.Index())
        {
            var isLast = i == tokens.Count - 1;
            await EventAsync(context, new JsonObject
            {
                ["index"] = i + 1,
                ["token"] = token,
                ["generated_text"] = isLast ? generated : null,
                ["details"] = isLast ? new JsonObject { ["finish_reason"] = reason, ["generated_tokens"] = tokens.Count, ["input_length"] = 2, ["seed"] = null } : null,
            });
        }
    }

    private static async Task EmbedAsync(HttpContext context, JsonObject request)
    {
        var texts = request["inputs"]!.AsArray().Select(text => (string?)request["prompt_name"] + (string)text!).ToArray();
        if (texts.Length > 32)
        {
            context.Response.StatusCode = 422;
            await context.Response.WriteAsJsonAsync(new { error = $"batch size {texts.Length} > maximum allowed batch size 32", error_type = "Validation" });
            return;
        }

        await context.Response.WriteAsJsonAsync(texts.Select(Vector));
    }

    private static Task ClassifyAsync(HttpContext context, JsonObject request)
    {
        var isGood = ((string)request["inputs"]!).Contains("good", StringComparison.Ordinal);
        return context.Response.WriteAsJsonAsync(new JsonArray(new JsonArray([.. new[] { ("neutral", 0.2), (isGood ? "positive" : "negative", 0.7), (isGood ? "negative" : "positive", 0.1) }
            .Take((int)request["parameters"]!["top_k"]!).Select(one => (JsonNode)new JsonObject { ["label"] = one.Item1, ["score"] = one.Item2 })])));
    }

    private static Task ZeroShotAsync(HttpContext context, JsonObject request)
    {
        var labels = request["parameters"]!["candidate_labels"]!.AsArray().Select(label => (string)label!).ToArray();
        var scores = labels.Select(label => ((string)request["inputs"]!).Contains(label, StringComparison.Ordinal) ? 0.9 : 0.1 / labels.Length).ToArray();
        return context.Response.WriteAsJsonAsync(new { sequence = (string?)request["inputs"], labels, scores });
    }

    private static string? Unknown(JsonObject request, string[] fields) => request.Select(member => member.Key).FirstOrDefault(name => !fields.Contains(name));

    private static JsonObject Chunk(JsonObject delta, string? reason) => new() { ["object"] = "chat.completion.chunk", ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = reason }), ["usage"] = null };

    private static JsonObject Token(int id, string text, bool special) => new() { ["id"] = id, ["text"] = text, ["logprob"] = -0.5, ["special"] = special };

    private static Task EventAsync(HttpContext context, JsonObject data) => SendAsync(context, string.Create(CultureInfo.InvariantCulture, $"data: {data.ToJsonString()}\n\n"));

    private static async Task SendAsync(HttpContext context, string text)
    {
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text));
        await context.Response.Body.FlushAsync();
    }

    private static Task RefuseAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new { error = new { message, type = "invalid_request_error", param = (string?)null, code = (string?)null } });
    }
}
