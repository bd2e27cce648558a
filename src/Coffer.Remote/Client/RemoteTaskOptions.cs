namespace Coffer.Remote;

/// <summary>
/// An endpoint that does a task as a whole: what the protocols of tasks share. Of a stream, <see cref="RemoteEndpointOptions.Timeout"/> is the
/// longest that its next item may take.
/// </summary>
public abstract record RemoteTaskOptions : RemoteEndpointOptions
{
    /// <summary>How many requests of one batch are under way at once. Default 4; 1 or more.</summary>
    public int MaxConcurrency { get; init; } = 4;

    internal override void Validate()
    {
        base.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConcurrency, 1);
    }
}
