namespace Coffer.Cli.Tests;

public sealed class BenchResultTests
{
    [Theory]
    [InlineData(50, 5)]
    [InlineData(90, 9)]
    [InlineData(95, 10)]
    [InlineData(99, 10)]
    [InlineData(0, 1)]
    [InlineData(100, 10)]
    public void Percentile_TenCalls_IsTheNearestRank(double percent, double expected) => Assert.Equal(expected, Of([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]).Percentile(percent));

    [Fact]
    public void Percentile_OneCall_IsThatCall() => Assert.Equal(7, Of([7]).Percentile(50));

    private static BenchResult Of(double[] latencies) => new(latencies, TimeSpan.FromSeconds(1), "CPU", null, 1, 1);
}
