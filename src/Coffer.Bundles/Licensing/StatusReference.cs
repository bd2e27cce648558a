namespace Coffer.Bundles;

/// <summary>Where a license's status is published: <c>status</c>.</summary>
/// <param name="Uri">The status list's address, which is its <c>sub</c>, too: absolute, https or http.</param>
/// <param name="Index">The license's place in the list, from 0.</param>
public sealed record StatusReference(string Uri, long Index);
