namespace Coffer.Inference;

/// <summary>How an attempt on one side ended. All but the first two may move a call to the other side.</summary>
public enum LegOutcome
{
    /// <summary>It gave the result.</summary>
    Answered,

    /// <summary>It failed in a way that the other side would not cure, or must not: a refusal, a bad input, a failing model, the caller's cancellation.</summary>
    Failed,

    /// <summary>The device can't run the model: its processor, its driver or its runtime is not there, or was lost.</summary>
    DeviceUnavailable,

    /// <summary>The device ran out of memory.</summary>
    OutOfMemory,

    /// <summary>The model is not on this device.</summary>
    ModelAbsent,

    /// <summary>The device did not answer within <see cref="HybridOptions.DeviceTimeout"/>.</summary>
    DeadlinePassed,

    /// <summary>There was no way to the endpoint, or the way broke.</summary>
    Unreachable,

    /// <summary>The endpoint did not answer in time.</summary>
    TimedOut,

    /// <summary>The endpoint has too much to do, or can't serve now.</summary>
    Unavailable,

    /// <summary>What came back is not the endpoint's answer: broken, cut off, or from something in between.</summary>
    InvalidReply,

    /// <summary>The endpoint failed so often that it was left alone for now.</summary>
    CircuitOpen,
}
