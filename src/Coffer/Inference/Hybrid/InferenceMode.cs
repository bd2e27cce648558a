namespace Coffer.Inference;

/// <summary>Where a hybrid predictor runs a call.</summary>
public enum InferenceMode
{
    /// <summary>On this device; on an endpoint when the device can't.</summary>
    PreferOnDevice,

    /// <summary>On this device. Nothing is ever sent.</summary>
    OnlyOnDevice,

    /// <summary>On an endpoint; on this device when no endpoint can be reached.</summary>
    PreferInCloud,

    /// <summary>On an endpoint.</summary>
    OnlyInCloud,
}
