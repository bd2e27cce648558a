using Spectre.Console;

namespace Coffer.Cli;

/// <summary>A bar on standard error for what may take long; nothing where nobody watches.</summary>
internal sealed class ProgressBar
{
    private readonly ProgressTask _task;

    private ProgressBar(ProgressTask task) => _task = task;

    /// <summary>Does the work under a bar, or with null where there is no terminal. The bar goes when the work ends.</summary>
    public static Task<T> ShowAsync<T>(ToolHost host, Func<ProgressBar?, Task<T>> work) =>
        host.ProgressConsole is { } console
            ? console.Progress()
                .AutoClear(true)
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .StartAsync(context => work(new ProgressBar(context.AddTask("Starting"))))
            : work(null);

    /// <summary>Says how far it is.</summary>
    /// <param name="what">What is being done, without markup.</param>
    /// <param name="done">Of <paramref name="total"/>.</param>
    /// <param name="total">0 while it is not known.</param>
    public void Report(string what, long done, long total)
    {
        _task.Description = what;
        _task.IsIndeterminate = total == 0;
        if (total > 0)
        {
            _task.MaxValue = total;
            _task.Value = done;
        }
    }
}
