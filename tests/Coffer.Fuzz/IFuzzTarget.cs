namespace Coffer.Fuzz;

/// <summary>Something that reads bytes from outside.</summary>
internal interface IFuzzTarget
{
    string Name { get; }

    /// <summary>Inputs that it accepts, or nearly: what mutation starts from. The same on every start.</summary>
    IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>Takes one input. Refusals are caught here, each by the type that is documented; whatever comes out is a finding.</summary>
    void Run(byte[] input);
}
