using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Packaging;

namespace Coffer.Cli.Tests;

public sealed class FailureTests
{
    public static TheoryData<Exception, int> Expected => new()
    {
        { new BundleException(BundleError.Truncated, BundleSection.File, "x"), ExitCodes.BundleRejected },
        { new LicenseException(LicenseError.Expired, "x"), ExitCodes.LicenseRefused },
        { new TrustException(TrustError.RolledBack, "x"), ExitCodes.LicenseRefused },
        { new KeyException(KeyError.NotFound, "x"), ExitCodes.Device },
        { new InferenceException(InferenceError.RuntimeMissing, "x"), ExitCodes.Device },
        { new InferenceException(InferenceError.WrongShape, "x"), ExitCodes.Usage },
        { new InputException(InputError.Corrupt, "x"), ExitCodes.Usage },
        { new PackagingException(PackagingError.NotAnOnnxModel, "x"), ExitCodes.Usage },
        { new FormatException("x"), ExitCodes.Usage },
        { new ArgumentException("x", "name"), ExitCodes.Usage },
        { new IOException("x"), ExitCodes.Device },
        { new UnauthorizedAccessException("x"), ExitCodes.Device },
        { new OperationCanceledException(), ExitCodes.Cancelled },
    };

    [Theory]
    [MemberData(nameof(Expected))]
    public void Of_ExpectedException_HasItsExitCode(Exception exception, int exitCode)
    {
        var failure = Failure.Of(exception);

        Assert.NotNull(failure);
        Assert.Equal(exitCode, failure.ExitCode);
        Assert.DoesNotContain("Parameter", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_FaultOfTheTool_IsNone()
    {
        Assert.Null(Failure.Of(new KeyNotFoundException()));
        Assert.Null(Failure.Of(new ArgumentNullException("name")));
        Assert.Null(Failure.Of(new InvalidOperationException()));
    }
}
