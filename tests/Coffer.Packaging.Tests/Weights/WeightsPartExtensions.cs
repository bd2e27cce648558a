namespace Coffer.Packaging.Tests;

internal static class WeightsPartExtensions
{
    public static byte[] ReadAll(this WeightsPart part)
    {
        using var stream = part.OpenRead();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
