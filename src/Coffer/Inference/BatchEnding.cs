namespace Coffer.Inference;

/// <summary>How a batch's run can end.</summary>
internal enum BatchEnding
{
    Done,
    Failed,
    Stopped,

    /// <summary>The outputs have not the rows that the graph's signature promises.</summary>
    Inseparable,
}
