using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML.OnnxRuntime;

namespace Coffer.Onnx;

/// <summary>ONNX Runtime's environment: one a process, which the application may have made before.</summary>
internal static class OrtEnvironment
{
    private static readonly Lock Gate = new();
    // ONNX Runtime keeps the function pointer for the life of the process; this keeps the delegate behind it.
    private static readonly DOrtLoggingFunction LogFunction = Log;
    private static ILogger _logger = NullLogger.Instance;
    private static volatile bool _hasThreadPool;

    /// <summary>
    /// Whether sessions may share the environment's threads, so that a hundred models don't make hundreds: not where the
    /// application made the environment itself.
    /// </summary>
    public static bool HasThreadPool => _hasThreadPool;

    /// <summary>The environment. Its warnings and errors go to the logger that was given last.</summary>
    /// <exception cref="Inference.InferenceException">There is no native ONNX Runtime, or it is too old.</exception>
    public static OrtEnv Get(ILogger? logger = null)
    {
        _ = NativeRuntime.Version;
        lock (Gate)
        {
            _logger = logger ?? _logger;
            if (OrtEnv.IsCreated)
            {
                return OrtEnv.Instance();
            }

            // As many threads as a session of its own would make; nodes that run side by side are an option of a session.
            using var threads = new OrtThreadingOptions { GlobalInterOpNumThreads = 1 };
            var options = new EnvironmentCreationOptions
            {
                threadOptions = threads,
                logId = "Coffer",
                logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING,
                loggingFunction = LogFunction,
                loggingParam = 0,
            };
            var environment = OrtEnv.CreateInstanceWithOptions(ref options);
            // An offline product sends nothing anywhere. What ONNX Runtime keeps in the user's cache before this, SECURITY.md says.
            environment.DisableTelemetryEvents();
            _hasThreadPool = true;
            return environment;
        }
    }

    /// <summary>Makes the environment beside other work. Where it can't be made, whoever needs it hears so.</summary>
    public static void Prepare(ILogger logger)
    {
        try
        {
            _ = Get(logger);
        }
        catch (Inference.InferenceException)
        {
            // A model that runs elsewhere needs none.
        }
    }

    private static void Log(nint parameter, OrtLoggingLevel severity, string category, string logId, string codeLocation, string message)
    {
        var level = severity switch
        {
            OrtLoggingLevel.ORT_LOGGING_LEVEL_VERBOSE => LogLevel.Debug,
            OrtLoggingLevel.ORT_LOGGING_LEVEL_INFO => LogLevel.Information,
            OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING => LogLevel.Warning,
            _ => LogLevel.Error,
        };

        // Called by native code on any thread: an exception would end the process.
        try
        {
            _logger.Log(level, "ONNX Runtime: {Message} ({Location})", message, codeLocation);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            System.Diagnostics.Debug.WriteLine(e);
        }
    }
}
