namespace Coffer.Onnx;

/// <summary>A library that an execution provider can't start without.</summary>
/// <param name="Fix">What to do when the loader doesn't find it.</param>
/// <param name="Names">Its file name in each version that serves.</param>
internal sealed record RequiredLibrary(string Fix, params IReadOnlyList<string> Names);
