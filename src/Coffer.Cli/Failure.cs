using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Packaging;
using Coffer.Text;

namespace Coffer.Cli;

/// <summary>An expected failure: what a person reads, and what a program decides by.</summary>
/// <param name="ExitCode">See <see cref="ExitCodes"/>.</param>
/// <param name="Kind">Which family of errors: <c>usage</c>, <c>bundle</c>, <c>license</c>, …</param>
/// <param name="Error">The value of that family's enum.</param>
/// <param name="Message">One sentence or a few.</param>
internal sealed record Failure(int ExitCode, string Kind, string Error, string Message)
{
    /// <summary>A command line that can't be followed.</summary>
    public static Failure OfUsage(string message) => new(ExitCodes.Usage, "usage", "InvalidArgument", message);

    /// <summary>Stopped by who started it.</summary>
    public static Failure OfStop(int exitCode) => new(exitCode, "cancelled", "Cancelled", "Stopped.");

    /// <summary>What an exception means; null for one that nobody expects, which is a fault of the tool.</summary>
    public static Failure? Of(Exception exception) => exception switch
    {
        BundleException e => new(ExitCodes.BundleRejected, "bundle", $"{e.Error}", e.Message),
        LicenseException e => new(ExitCodes.LicenseRefused, "license", $"{e.Error}", e.Message),
        TrustException e => new(ExitCodes.LicenseRefused, "trust", $"{e.Error}", e.Message),
        KeyException e => new(ExitCodes.Device, "key", $"{e.Error}", e.Message),
        PackagingException e => new(ExitCodes.Usage, "packaging", $"{e.Error}", e.Message),
        InputException e => new(ExitCodes.Usage, "input", $"{e.Error}", e.Message),
        InferenceException e => new(IsOfUser(e.Error) ? ExitCodes.Usage : ExitCodes.Device, "inference", $"{e.Error}", e.Message),
        TextTemplateException e => new(ExitCodes.Usage, "template", $"{e.Error}", e.Message),
        ConstraintException e => new(ExitCodes.Usage, "constraint", $"{e.Error}", e.Message),
        HttpRequestException e => new(ExitCodes.Remote, "remote", $"{e.HttpRequestError}", e.Message),
        OperationCanceledException => OfStop(ExitCodes.Cancelled),
        IOException or UnauthorizedAccessException => new(ExitCodes.Device, "io", exception.GetType().Name, exception.Message),
        ArgumentNullException => null,
        ArgumentException e => OfUsage(WithoutParameter(e)),
        FormatException e => OfUsage(e.Message),
        _ => null,
    };

    // Names, types and shapes of tensors come from the command line; no predictor of the SDK gets them wrong.
    private static bool IsOfUser(InferenceError error) =>
        error is InferenceError.UnknownGraph or InferenceError.UnknownTensor or InferenceError.WrongElementType or InferenceError.WrongShape;

    // The name of a method's parameter says nothing to who typed a command.
    private static string WithoutParameter(ArgumentException exception) =>
        exception.ParamName is { Length: > 0 } name ? exception.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : exception.Message;
}
