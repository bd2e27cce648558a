namespace Coffer.Inference;

/// <summary>What a runner can do with a graph.</summary>
/// <param name="Synchronous">Whether <see cref="IModelCall.Run"/> works; remote runners only have <see cref="IModelCall.RunAsync"/>.</param>
/// <param name="Carry">Whether <see cref="IModelCall.Carry(string, string)"/> works.</param>
/// <param name="MaxPayload">The most bytes that the inputs of one call may have, or null without a limit.</param>
public readonly record struct RunnerCapabilities(bool Synchronous, bool Carry, long? MaxPayload = null)
{
    /// <summary>
    /// Whether concurrent calls are collected into one run (<see cref="BatchingRunner"/>). A call then waits for others: where many
    /// are under way, <see cref="IModelCall.RunAsync"/> holds no thread meanwhile.
    /// </summary>
    public bool Batches { get; init; }
}
