namespace Coffer.Text;

/// <summary>Documents in the order of how well they fit a query.</summary>
public sealed record Reranking
{
    /// <summary>Creates a result.</summary>
    /// <param name="documents">Best first.</param>
    public Reranking(IReadOnlyList<RankedDocument> documents)
    {
        ArgumentNullException.ThrowIfNull(documents);
        Documents = documents;
    }

    /// <summary>The documents, best first: all, or as many as <see cref="RerankerOptions.TopK"/>. Of equal scores, the lower index first.</summary>
    public IReadOnlyList<RankedDocument> Documents { get; }

    /// <summary>For people: the best documents' indices.</summary>
    public override string ToString() => string.Join(", ", Documents.Take(10).Select(document => document.Index));
}
