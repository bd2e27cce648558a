namespace Coffer.Tests;

/// <summary>The collection of tests that measure the whole process.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
