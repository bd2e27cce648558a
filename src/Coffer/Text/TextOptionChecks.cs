namespace Coffer.Text;

/// <summary>What the options of all predictors that read text have in common.</summary>
internal static class TextOptionChecks
{
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public static void Require(int batchSize, int? maxLength, TruncationStrategy truncation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        RequirePositive(maxLength, nameof(maxLength));
        if (!Enum.IsDefined(truncation))
        {
            throw new ArgumentOutOfRangeException(nameof(truncation), truncation, "It is none of the strategies.");
        }
    }

    /// <exception cref="ArgumentOutOfRangeException">It is given and less than 1.</exception>
    public static void RequirePositive(int? value, string name)
    {
        if (value is { } number)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(number, 1, name);
        }
    }
}
