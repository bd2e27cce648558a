using System.Text.Json;
using Coffer.Text;

namespace Coffer.Extensions;

/// <summary>The constraints of JSON that requests ask for, each made once: what one learns about its schema serves the next request.</summary>
internal sealed class JsonConstraints
{
    private const int Kept = 32;

    private const string AnyObject = """{"type":"object"}""";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, JsonSchemaConstraint> _made = new(StringComparer.Ordinal);

    /// <param name="schema">Null for any JSON object.</param>
    /// <exception cref="ConstraintException">The schema has what is not supported.</exception>
    public JsonSchemaConstraint For(JsonElement? schema)
    {
        var text = schema?.GetRawText() ?? AnyObject;
        lock (_gate)
        {
            if (_made.TryGetValue(text, out var known))
            {
                return known;
            }

            if (_made.Count == Kept)
            {
                _made.Clear();
            }

            return _made[text] = new JsonSchemaConstraint(text);
        }
    }
}
