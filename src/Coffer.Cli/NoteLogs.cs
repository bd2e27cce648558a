using Microsoft.Extensions.Logging;

namespace Coffer.Cli;

/// <summary>Says warnings and errors of what runs for long, a line each, where everything is said that is not the result.</summary>
internal sealed class NoteLogs(Output output) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new NoteLogger(output);

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    private sealed class NoteLogger(Output output) : ILogger
    {
        private readonly Lock _gate = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Warning and < LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
            {
                return;
            }

            lock (_gate)
            {
                output.Note(exception is null ? formatter(state, null) : $"{formatter(state, null)}: {exception.Message}");
            }
        }
    }
}
