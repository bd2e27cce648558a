using System.Runtime.CompilerServices;
using System.Text;

namespace Coffer.Text.Templates;

/// <summary>One rendering: what was written, where it is in the template, and what it may still use.</summary>
internal sealed class TemplateRun(TemplateLimits limits, TimeProvider time)
{
    private const int MaxCalls = 200;

    private long _steps;
    private long _characters;
    private int _calls;

    public TimeProvider Time => time;

    /// <summary>What is being written: the whole, or the text that a block set, macro or filter block collects.</summary>
    public StringBuilder Output { get; private set; } = new();

    /// <summary>The place in the template that an error names.</summary>
    public TemplatePosition Position { get; set; }

    /// <summary>Counts a step at a place of the template.</summary>
    public void Step(TemplatePosition position)
    {
        Position = position;
        Step();
    }

    /// <summary>Counts work that grows with the values.</summary>
    public void Step(long count = 1)
    {
        _steps += count;
        if (_steps > limits.Steps)
        {
            throw Fail($"the template takes more than {limits.Steps} steps. Correct it, or raise ChatTemplateOptions.MaxSteps.", TextTemplateError.LimitExceeded);
        }

        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw Fail("the template or a value in it nests too deep.", TextTemplateError.LimitExceeded);
        }
    }

    /// <summary>Counts characters before they are made.</summary>
    public void Reserve(long characters)
    {
        _characters += characters;
        if (_characters > limits.Characters)
        {
            throw Fail($"the template makes more than {limits.Characters} characters of text. Correct it, or raise ChatTemplateOptions.MaxCharacters.", TextTemplateError.LimitExceeded);
        }
    }

    /// <summary>Counts a text that was made.</summary>
    public string Made(string text)
    {
        Reserve(text.Length);
        return text;
    }

    public void Write(string text)
    {
        Reserve(text.Length);
        Output.Append(text);
    }

    /// <summary>What an action writes, instead of writing it.</summary>
    public string Capture(Action<TemplateRun> write)
    {
        var outer = Output;
        Output = new();
        try
        {
            write(this);
            return Output.ToString();
        }
        finally
        {
            Output = outer;
        }
    }

    public object? Call(TemplateFunction function, TemplateArguments arguments)
    {
        if (_calls == MaxCalls)
        {
            throw Fail($"the template calls macros more than {MaxCalls} deep.", TextTemplateError.LimitExceeded);
        }

        _calls++;
        try
        {
            return function.Call(arguments, this);
        }
        finally
        {
            _calls--;
        }
    }

    public TextTemplateException Fail(string message, TextTemplateError error = TextTemplateError.InvalidOperation) => Position.Error(error, message);
}
