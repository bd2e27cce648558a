namespace Coffer.Corpus;

/// <summary>One file of the corpus.</summary>
/// <param name="Name">The file's name without what its kind adds.</param>
/// <param name="What">What is wrong, or what is special and right.</param>
/// <param name="Spec">The section of FORMAT.md or LICENSES.md that says so.</param>
/// <param name="Error">The refusal's name; null for none.</param>
/// <param name="Section">Of a bundle: the section that the refusal names.</param>
/// <param name="Bytes">The whole.</param>
internal sealed record Vector(string Name, string What, string Spec, string? Error, string? Section, byte[] Bytes);
