using System.Text.Json;

namespace Coffer.Text;

/// <summary>How a conversation is rendered.</summary>
public sealed record ChatTemplateOptions
{
    /// <summary>Whether the text ends with what begins the assistant's answer. Default: true.</summary>
    public bool AddGenerationPrompt { get; init; } = true;

    /// <summary>The tools that the model may call, each a JSON object: the JSON schema of a function as the model's documentation wants it. Default: none.</summary>
    public IReadOnlyList<JsonElement> Tools { get; init; } = [];

    /// <summary>Which of a model's named templates is used. Default: <c>tool_use</c> where there are tools and a template of that name, else <c>default</c>.</summary>
    public string? TemplateName { get; init; }

    /// <summary>Further variables of the template, for example <c>enable_thinking</c>. Default: none.</summary>
    public IReadOnlyDictionary<string, JsonElement> Variables { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>The clock of templates that write today's date. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The most steps that a rendering takes: a statement, an operation and an item looked at are one each. Default: 1,000,000.</summary>
    public long MaxSteps { get; init; } = 1_000_000;

    /// <summary>The most UTF-16 characters that a rendering makes, those of texts in between included. Default: 33,554,432.</summary>
    public long MaxCharacters { get; init; } = 32 << 20;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxSteps);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxCharacters);
        ArgumentNullException.ThrowIfNull(Tools);
        ArgumentNullException.ThrowIfNull(Variables);
        ArgumentNullException.ThrowIfNull(TimeProvider);
    }
}
