namespace Coffer.Bundles;

/// <summary>What an address gave.</summary>
/// <param name="Text">The list's token.</param>
/// <param name="Tag">Its entity tag, as the server sent it; null for none.</param>
internal sealed record FetchedStatus(string Text, string? Tag);
