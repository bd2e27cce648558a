using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Coffer.Extensions;

/// <summary>
/// Finds tool calls in a text as it comes: <c>&lt;tool_call>{"name": …, "arguments": {…}}&lt;/tool_call></c>. What may be the beginning of a mark is held back;
/// what turns out to be no call is given back as text.
/// </summary>
/// <param name="start">The mark before a call.</param>
/// <param name="end">The mark behind it.</param>
/// <param name="response">The response's id, which the calls' ids begin with.</param>
internal sealed class ToolCallReader(string start, string end, string response)
{
    private readonly StringBuilder _held = new();
    private bool _isInside;

    /// <summary>How many calls were found.</summary>
    public int Calls { get; private set; }

    /// <summary>Reads on.</summary>
    /// <param name="text">What came.</param>
    /// <param name="isLast">Whether nothing comes behind it.</param>
    public IReadOnlyList<AIContent> Read(string text, bool isLast)
    {
        _held.Append(text);
        var contents = new List<AIContent>();
        while (true)
        {
            var held = _held.ToString();
            var mark = _isInside ? end : start;
            var at = held.IndexOf(mark, StringComparison.Ordinal);
            if (at >= 0)
            {
                AddUntil(contents, held[..at]);
                _held.Remove(0, at + mark.Length);
                _isInside = !_isInside;
                continue;
            }

            var settled = isLast ? held.Length : _isInside ? 0 : held.Length - Beginning(held, mark);
            if (isLast && _isInside)
            {
                // A call that was not written to its end.
                contents.Add(new TextContent(start + held));
            }
            else
            {
                AddText(contents, held[..settled]);
            }

            _held.Remove(0, settled);
            return contents;
        }
    }

    private void AddUntil(List<AIContent> contents, string text)
    {
        if (!_isInside)
        {
            AddText(contents, text);
        }
        else if (Parse(text) is { } call)
        {
            contents.Add(call);
            Calls++;
        }
        else
        {
            contents.Add(new TextContent(start + text + end));
        }
    }

    // White space around calls belongs to their marks.
    private void AddText(List<AIContent> contents, string text)
    {
        if (text.Length > 0 && !(Calls > 0 && string.IsNullOrWhiteSpace(text)))
        {
            contents.Add(new TextContent(text));
        }
    }

    private FunctionCallContent? Parse(string text)
    {
        try
        {
            var call = JsonElement.Parse(text.Trim());
            var arguments = call.TryGetProperty("arguments", out var given) ? given : call.GetProperty("parameters");
            return new FunctionCallContent(
                $"{response}-{Calls}", call.GetProperty("name").GetString()!, arguments.EnumerateObject().ToDictionary(argument => argument.Name, object? (argument) => argument.Value));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            return null;
        }
    }

    // How much of the text's end may be the beginning of the mark.
    private static int Beginning(string text, string mark)
    {
        var length = Math.Min(text.Length, mark.Length - 1);
        while (length > 0 && !text.EndsWith(mark[..length], StringComparison.Ordinal))
        {
            length--;
        }

        return length;
    }
}
