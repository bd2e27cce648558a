using Coffer.Bundles;

namespace LicensedDistribution;

/// <summary>Tells what happens, and insists on it.</summary>
internal static class Story
{
    public static void Chapter(string title) => Console.WriteLine($"{title}:");

    public static void Say(string line) => Console.WriteLine($"  {line}");

    public static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new BrokenException($"It does not hold that {what}.");
        }

        Say(what);
    }

    public static void Refused<T>(LicenseError error, string what, Func<T> action)
    {
        try
        {
            (action() as IDisposable)?.Dispose();
        }
        catch (LicenseException e) when (e.Error == error)
        {
            Say($"{what}: refused ({e.Error})");
            Say($"  {e.Message}");
            return;
        }

        throw new BrokenException($"{what} was accepted.");
    }

    public static async Task RefusedAsync<T>(LicenseError error, string what, Func<Task<T>> action)
    {
        try
        {
            (await action() as IDisposable)?.Dispose();
        }
        catch (LicenseException e) when (e.Error == error)
        {
            Say($"{what}: refused ({e.Error})");
            Say($"  {e.Message}");
            return;
        }

        throw new BrokenException($"{what} was accepted.");
    }

    /// <summary>Something went otherwise than it is told here.</summary>
    internal sealed class BrokenException(string message) : Exception(message);
}
