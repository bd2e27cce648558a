namespace Coffer.Text;

/// <summary>A question and the documents to put in the order of how well they answer it. Immutable. The texts stay here: no result, log or error carries them.</summary>
public sealed class RerankInput
{
    /// <summary>A query with its documents.</summary>
    /// <param name="query">What is looked for.</param>
    /// <param name="documents">Where; at least one, and none null.</param>
    /// <exception cref="ArgumentException">There is no document.</exception>
    public RerankInput(string query, IReadOnlyList<string> documents)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(documents);
        Query = query;
        Documents = [.. documents];
        if (Documents.Count == 0 || Documents.Any(document => document is null))
        {
            throw new ArgumentException(Documents.Count == 0 ? "There is no document to rank. Give at least one." : "A document is null.", nameof(documents));
        }
    }

    /// <summary>What is looked for.</summary>
    public string Query { get; }

    /// <summary>The documents, in the caller's order.</summary>
    public IReadOnlyList<string> Documents { get; }

    /// <summary>How much there is, not what it says.</summary>
    public override string ToString() => $"RerankInput of {Documents.Count} documents";
}
