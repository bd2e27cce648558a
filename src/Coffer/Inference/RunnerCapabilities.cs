namespace Coffer.Inference;

/// <summary>What a runner can do with a graph.</summary>
/// <param name="Synchronous">Whether <see cref="IModelCall.Run"/> works; remote runners only have <see cref="IModelCall.RunAsync"/>.</param>
/// <param name="Carry">Whether <see cref="IModelCall.Carry(string, string)"/> works.</param>
/// <param name="MaxPayload">The most bytes that the inputs of one call may have, or null without a limit.</param>
public readonly record struct RunnerCapabilities(bool Synchronous, bool Carry, long? MaxPayload = null);
