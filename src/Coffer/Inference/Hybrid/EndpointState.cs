namespace Coffer.Inference;

/// <summary>How an endpoint of a hybrid predictor stands.</summary>
/// <param name="Name">Its leg's name.</param>
/// <param name="IsReady">What its probe last said; true without one.</param>
/// <param name="IsCircuitOpen">Whether it failed so often that it is left alone for now.</param>
public sealed record EndpointState(string Name, bool IsReady, bool IsCircuitOpen);
