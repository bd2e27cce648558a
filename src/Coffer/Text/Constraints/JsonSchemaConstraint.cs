using System.Text.Json;
using Coffer.Text.Constraints;

namespace Coffer.Text;

/// <summary>
/// Generated text is one JSON value that satisfies a JSON schema. Properties come in the order in which the schema declares them; the only white
/// space is at most one space after <c>:</c> and after <c>,</c>; integers have up to 18 digits, numbers up to 15 before and after the point.
/// </summary>
/// <remarks>
/// <para>
/// Keywords: <c>type</c>, <c>enum</c>, <c>const</c>, <c>anyOf</c>, <c>oneOf</c> (any one of them; whether another holds too is not looked at), <c>$ref</c> within
/// the schema, <c>$defs</c>, <c>definitions</c>; <c>properties</c>, <c>required</c>, <c>additionalProperties</c>; <c>items</c>, <c>minItems</c>, <c>maxItems</c>; <c>minLength</c>,
/// <c>maxLength</c>, <c>pattern</c>, <c>format</c> (date, time, date-time, uuid). Annotations are ignored; any other keyword is refused by name.
/// </para>
/// <para>
/// An object with declared properties gets only these, whatever <c>additionalProperties</c> says; one without gets any names. A schema without a type
/// that has <c>properties</c>, <c>items</c> or <c>pattern</c> stands for an object, an array or a string.
/// </para>
/// </remarks>
/// <seealso href="https://json-schema.org/draft/2020-12/json-schema-validation"/>
public sealed class JsonSchemaConstraint : OutputConstraint
{
    /// <summary>Makes the constraint.</summary>
    /// <param name="schema">The JSON schema; it is read now and not kept.</param>
    /// <param name="maxDepth">How deep arrays and objects nest. Range 1 to 64.</param>
    /// <exception cref="ConstraintException">The schema is not one, has a keyword that is not supported, can't be satisfied within the depth, or is too large.</exception>
    public JsonSchemaConstraint(JsonElement schema, int maxDepth = 32)
        : base(SchemaNetwork.Build(schema), Checked(maxDepth))
    {
    }

    /// <summary>Makes the constraint from a schema's text.</summary>
    /// <param name="schema">The JSON schema.</param>
    /// <exception cref="ConstraintException">The schema is not JSON, or as for the other constructor.</exception>
    public JsonSchemaConstraint(string schema)
        : base(SchemaNetwork.Build(schema), maxDepth: 32)
    {
    }

    private static int Checked(int maxDepth)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxDepth, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxDepth, 64);
        return maxDepth;
    }
}
