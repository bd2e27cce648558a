using Microsoft.Extensions.Logging;

namespace Coffer.Tests;

/// <summary>Keeps every line, with what was said in it.</summary>
internal sealed class CollectingLogger : ILogger
{
    private readonly System.Text.StringBuilder _text = new();

    public string Text => _text.ToString();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_text)
        {
            _text.Append(formatter(state, exception)).Append(state).Append(exception).Append('\n');
        }
    }
}
