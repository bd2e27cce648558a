using System.Diagnostics;
using System.Globalization;

namespace Coffer.Tests.Text;

/// <summary>Tokenizers with ICU and without it: the same tests, in processes of either mode.</summary>
public sealed class GlobalizationModeTests(ITestOutputHelper output)
{
    private const string Variable = "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT";

    private static readonly Type[] Tests = [typeof(IcuTests), typeof(ReferenceVectorTests), typeof(ComponentTests), typeof(TokenizerTests)];

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public async Task Tokenizers_EitherMode_GiveTheSame(string invariant)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(GlobalizationModeTests).Assembly.Location, .. Tests.SelectMany(t => (string[])["-class", t.FullName!])])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[Variable] = invariant;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        output.WriteLine(await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
        output.WriteLine(await errors);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>That the mode is in effect which the environment asks for.</summary>
    public sealed class IcuTests
    {
        [Fact]
        public void Culture_InvariantMode_HasNoTurkish()
        {
            var isInvariant = Environment.GetEnvironmentVariable(Variable) == "1";
            var exception = Record.Exception(() => CultureInfo.GetCultureInfo("tr-TR"));
            Assert.Equal(isInvariant, exception is CultureNotFoundException);
        }
    }
}
