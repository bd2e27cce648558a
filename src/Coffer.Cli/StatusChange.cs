using System.Text.Json;

namespace Coffer.Cli;

/// <summary>A change of an issuer's register.</summary>
/// <param name="Kind">Of what: <c>license</c>, <c>device</c>, <c>manifest</c> or <c>signer</c>.</param>
/// <param name="What">Which one, for people.</param>
/// <param name="State">What it becomes.</param>
/// <param name="Make">Writes it.</param>
internal sealed record StatusChange(string Kind, string What, string State, Action Make)
{
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("kind", Kind);
        json.WriteString("what", What);
        json.WriteString("state", State);
        json.WriteEndObject();
    }
}
