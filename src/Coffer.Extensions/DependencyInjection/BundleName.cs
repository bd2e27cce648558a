namespace Coffer.Extensions;

/// <summary>The name of a bundle that was added: the key of its services.</summary>
internal sealed record BundleName(string Value);
