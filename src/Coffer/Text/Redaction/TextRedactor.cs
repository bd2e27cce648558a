using System.Collections.Frozen;
using System.Text;
using System.Text.RegularExpressions;
using Coffer.Inference;

namespace Coffer.Text;

/// <summary>
/// Removes personal content from texts: e-mail addresses, telephone, card and account numbers, national ids, IP addresses and secrets in
/// addresses, in linear time; and what patterns and models of the application find. Values become placeholders that are turned back in answers.
/// What has no fixed form is not found without a model: read the figures of precision and recall in the package's README. Thread-safe.
/// </summary>
public sealed class TextRedactor
{
    private readonly TextRedactorOptions _options;
    private readonly (string Kind, Regex Pattern)[] _patterns;
    private readonly FrozenSet<string> _active;

    /// <summary>Creates a redactor.</summary>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="ArgumentException">A kind is unknown, or a pattern is not a regular expression that takes linear time.</exception>
    public TextRedactor(TextRedactorOptions? options = null)
    {
        _options = options ?? new TextRedactorOptions();
        _patterns = [.. _options.Patterns.Select(pattern => (pattern.Kind, Compile(pattern)))];
        Kinds = RedactionKinds.InText.Concat(_options.Patterns.Select(pattern => pattern.Kind)).Concat(_options.Finders.SelectMany(finder => finder.Kinds)).ToFrozenSet(StringComparer.Ordinal);
        _active = (_options.Kinds ?? [.. Kinds]).ToFrozenSet(StringComparer.Ordinal);
        if (_active.FirstOrDefault(kind => !Kinds.Contains(kind)) is { } unknown)
        {
            throw new ArgumentException($"The kind '{unknown}' is known to no pattern and no finder. Known are {string.Join(", ", Kinds.Order(StringComparer.Ordinal))}.", nameof(options));
        }
    }

    /// <summary>The kinds that it can remove.</summary>
    public IReadOnlySet<string> Kinds { get; }

    /// <summary>The kinds that it removes when nobody asks for more.</summary>
    public IReadOnlySet<string> Active => _active;

    /// <summary>Removes the active kinds from a text.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="InvalidOperationException">There are finders, which run asynchronously; use <see cref="RedactAsync"/>.</exception>
    public RedactedText Redact(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (_options.Finders.Count > 0)
        {
            throw new InvalidOperationException($"The redactor has finders, which run asynchronously. Use {nameof(RedactAsync)}.");
        }

        var values = new RedactedValues(_options.Replacement, [text]);
        return new RedactedText(Replace(text, Find(text, _active), values), values);
    }

    /// <summary>Removes the active kinds from a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="cancellationToken">Stops the finders.</param>
    public async ValueTask<RedactedText> RedactAsync(string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        var (texts, values) = await RedactTogetherAsync([text], [], cancellationToken).ConfigureAwait(false);
        return new RedactedText(texts[0], values);
    }

    /// <summary>For predictors that take a text, or a pair, and whose results hold no text of it: classes, embeddings, scores.</summary>
    /// <typeparam name="TResult">The result, which stays as it is.</typeparam>
    public TextDesensitiser<TextInput, TResult> ForText<TResult>() => new(
        this,
        input => input.Pair is { } pair ? [input.Text, pair] : [input.Text],
        (_, texts) => new TextInput(texts[0], texts.Count > 1 ? texts[1] : null));

    /// <summary>For predictors that take and give a text: chats, translations, summaries.</summary>
    public TextDesensitiser<string, string> ForString() => new(this, input => [input], (_, texts) => texts[0])
    {
        MapText = (result, map) => map(result),
    };

    /// <summary>For language models: what they generate gets its values back, its token numbers stay those of the placeholders. A prompt of tokens is refused: nothing can be found in it.</summary>
    public TextDesensitiser<TextPrompt, GeneratedText> ForPrompts() => new(this, TextOf, WithText)
    {
        MapText = static (result, map) => new GeneratedText([.. result.Sequences.Select(sequence => sequence with { Text = map(sequence.Text) })], result.Usage) { TimeToFirstToken = result.TimeToFirstToken },
    };

    /// <summary>For language models that stream: as <see cref="ForPrompts"/>, also where a placeholder comes in several tokens.</summary>
    public TextDesensitiser<TextPrompt, GeneratedToken> ForPromptStreams() => new(this, TextOf, WithText)
    {
        MapText = static (token, map) => token with { Text = map(token.Text) },
        EndsStream = static token => token.FinishReason is not null,
    };

    private static string[] TextOf(TextPrompt prompt) => prompt.Text is { } text
        ? [text]
        : throw new InputException(InputError.Unsuitable, "The prompt was given as tokens, and what must not leave is found in texts alone. Give it as a text.");

    private static TextPrompt WithText(TextPrompt prompt, IReadOnlyList<string> texts) => new(texts[0], prompt.AddSpecialTokens);

    /// <summary>Removes the active kinds, and those that are asked for, from texts that belong together: the same value has the same placeholder in all.</summary>
    internal async ValueTask<(string[] Texts, RedactedValues Values)> RedactTogetherAsync(IReadOnlyList<string> texts, IReadOnlyCollection<string> atLeast, CancellationToken cancellationToken)
    {
        var kinds = atLeast.All(_active.Contains) ? _active : _active.Concat(atLeast).ToFrozenSet(StringComparer.Ordinal);
        var values = new RedactedValues(_options.Replacement, texts);
        var redacted = new string[texts.Count];
        for (var i = 0; i < redacted.Length; i++)
        {
            var spans = Find(texts[i], kinds);
            foreach (var finder in _options.Finders)
            {
                if (finder.Kinds.Any(kinds.Contains))
                {
                    var found = await finder.FindAsync(texts[i], cancellationToken).ConfigureAwait(false);
                    spans.AddRange(found.Where(span => kinds.Contains(span.Kind)));
                }
            }

            redacted[i] = Replace(texts[i], spans, values);
        }

        return (redacted, values);
    }

    /// <summary>What patterns find of the active kinds, in order, without overlaps.</summary>
    internal IReadOnlyList<RedactionSpan> Find(string text) => [.. Merge(Find(text, _active))];

    private List<RedactionSpan> Find(string text, FrozenSet<string> kinds)
    {
        var found = new List<RedactionSpan>();
        var folded = FoldedText.Of(text);
        if (kinds.Contains(RedactionKinds.UrlCredentials))
        {
            UrlCredentialScanner.Scan(folded, found);
        }

        if (kinds.Contains(RedactionKinds.Email))
        {
            EmailScanner.Scan(folded, found, found.Count);
        }

        if (kinds.Contains(RedactionKinds.Ip))
        {
            IpScanner.ScanV6(folded, found);
        }

        new NumberScanner(
            kinds.Contains(RedactionKinds.Phone), kinds.Contains(RedactionKinds.Card), kinds.Contains(RedactionKinds.Iban), kinds.Contains(RedactionKinds.NationalId), kinds.Contains(RedactionKinds.Ip))
            .Scan(folded, found);
        foreach (var (kind, pattern) in _patterns)
        {
            if (kinds.Contains(kind))
            {
                foreach (var match in pattern.EnumerateMatches(text))
                {
                    if (match.Length > 0)
                    {
                        found.Add(new RedactionSpan(match.Index, match.Length, kind));
                    }
                }
            }
        }

        return found;
    }

    private static string Replace(string text, List<RedactionSpan> spans, RedactedValues values)
    {
        if (spans.Count == 0)
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        var at = 0;
        foreach (var span in Merge(spans))
        {
            result.Append(text, at, span.Start - at).Append(values.Replace(span.Kind, text.AsSpan(span.Start, span.Length)));
            at = span.End;
        }

        return result.Append(text, at, text.Length - at).ToString();
    }

    // What overlaps is removed as one, under the kind of the longest: no rest of it stays.
    private static IEnumerable<RedactionSpan> Merge(List<RedactionSpan> spans)
    {
        spans.Sort(static (a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : b.Length.CompareTo(a.Length));
        for (var i = 0; i < spans.Count;)
        {
            var (longest, start, end) = (spans[i], spans[i].Start, spans[i].End);
            for (i++; i < spans.Count && spans[i].Start < end; i++)
            {
                longest = spans[i].Length > longest.Length ? spans[i] : longest;
                end = Math.Max(end, spans[i].End);
            }

            yield return new RedactionSpan(start, end - start, longest.Kind);
        }
    }

    private static Regex Compile(RedactionPattern pattern)
    {
        try
        {
            return new Regex(pattern.Pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is NotSupportedException or ArgumentException)
        {
            throw new ArgumentException($"The pattern of '{pattern.Kind}' is not a regular expression that takes linear time: {e.Message}", nameof(pattern), e);
        }
    }
}
