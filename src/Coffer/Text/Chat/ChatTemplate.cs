using Coffer.Text.Templates;

namespace Coffer.Text;

/// <summary>
/// A model's chat template: turns a conversation into the text that the model was trained on. The language is Jinja as transformers renders it
/// (<c>trim_blocks</c>, <c>lstrip_blocks</c>, <c>break</c> and <c>continue</c>, <c>tojson</c>, <c>raise_exception</c>, <c>strftime_now</c>, <c>generation</c> blocks),
/// without what needs other files (<c>include</c>, <c>extends</c>). Upper and lower case go by Unicode's simple mappings.
/// Instances are immutable and safe for any number of threads.
/// </summary>
/// <seealso href="https://huggingface.co/docs/transformers/chat_templating"/>
public sealed class ChatTemplate
{
    /// <summary>The longest template that is read, in UTF-16 characters. Those in use have up to 30,000.</summary>
    public const int MaxLength = 1 << 20;

    private const string Default = "default";
    private const string ToolUse = "tool_use";

    private readonly IReadOnlyDictionary<string, Statement> _templates;
    private readonly IReadOnlyDictionary<string, string> _specialTokens;

    private ChatTemplate(IReadOnlyDictionary<string, Statement> templates, IReadOnlyDictionary<string, string> specialTokens) =>
        (_templates, _specialTokens) = (templates, specialTokens);

    /// <summary>The names of the model's templates; one alone is <c>default</c>.</summary>
    public IReadOnlyCollection<string> Names => [.. _templates.Keys];

    /// <summary>Reads one template.</summary>
    /// <param name="template">The template's text.</param>
    /// <param name="specialTokens">Texts of special tokens by the names that templates know, for example <c>bos_token</c>; null for none.</param>
    /// <returns>The template.</returns>
    /// <exception cref="TextTemplateException">The template is not in the language, uses what Coffer does not have, is longer than <see cref="MaxLength"/>, or nests too deep.</exception>
    public static ChatTemplate Parse(string template, IReadOnlyDictionary<string, string>? specialTokens = null)
    {
        ArgumentNullException.ThrowIfNull(template);
        return Create(new Dictionary<string, string> { [Default] = template }, specialTokens ?? new Dictionary<string, string>());
    }

    /// <summary>
    /// Reads the templates of a model's files: <c>chat_template.jinja</c>, <c>additional_chat_templates/NAME.jinja</c>, and <c>chat_template</c> in
    /// <c>chat_template.json</c> or <c>tokenizer_config.json</c>, one text or a list of named ones; with the special tokens of <c>tokenizer_config.json</c> and <c>special_tokens_map.json</c>.
    /// </summary>
    /// <param name="files">The files' contents by name.</param>
    /// <returns>The templates.</returns>
    /// <exception cref="TextTemplateException">There is no template, a file is damaged, or a template can't be read.</exception>
    public static ChatTemplate FromFiles(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        return Create(ChatTemplateFiles.ReadTemplates(files), ChatTemplateFiles.ReadSpecialTokens(files));
    }

    /// <summary>The templates of a model's files, read when they are first asked for. Only the files that may hold them are kept until then.</summary>
    internal static Lazy<ChatTemplate> Later(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files)
    {
        var kept = files.Where(file => ChatTemplateFiles.MayHoldTemplates(file.Key)).ToDictionary(file => file.Key, file => file.Value, StringComparer.Ordinal);
        return new(() => FromFiles(kept));
    }

    /// <summary>The text of a conversation. Special tokens stand in it as text: encode it with special tokens off.</summary>
    /// <param name="messages">The conversation, oldest message first.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <returns>The text.</returns>
    /// <exception cref="TextTemplateException">The template refuses the messages, fails on them, takes more than the options allow, or there is none of the name.</exception>
    public string Render(IReadOnlyList<ChatTurn> messages, ChatTemplateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        options ??= new();
        options.Validate();
        var template = Choose(options);
        var run = new TemplateRun(new(options.MaxSteps, options.MaxCharacters), options.TimeProvider);
        template.Render(ChatVariables.Of(messages, options, _specialTokens), run);
        return run.Output.ToString();
    }

    // transformers: get_chat_template of tokenization_utils_base.py.
    private Statement Choose(ChatTemplateOptions options)
    {
        var name = options.TemplateName ?? (options.Tools.Count > 0 && _templates.ContainsKey(ToolUse) ? ToolUse : Default);
        return _templates.TryGetValue(name, out var template) ? template : throw new TextTemplateException(
            TextTemplateError.Missing, $"The model has no chat template '{TokenizerJson.Quote(name)}'; it has {string.Join(", ", _templates.Keys.Select(TokenizerJson.Quote))}. Set ChatTemplateOptions.TemplateName to one of them.");
    }

    private static ChatTemplate Create(IReadOnlyDictionary<string, string> templates, IReadOnlyDictionary<string, string> specialTokens) =>
        new(templates.ToDictionary(entry => entry.Key, entry => ParseOne(entry.Value), StringComparer.Ordinal), specialTokens);

    private static Statement ParseOne(string template) => template.Length <= MaxLength
        ? TemplateParser.Parse(template)
        : throw new TextTemplateException(TextTemplateError.LimitExceeded, $"The chat template has {template.Length} characters; at most {MaxLength} are read.");
}
