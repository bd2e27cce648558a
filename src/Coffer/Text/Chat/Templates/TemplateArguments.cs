namespace Coffer.Text.Templates;

/// <summary>The arguments of a call.</summary>
internal sealed class TemplateArguments(IReadOnlyList<object?> positional, IReadOnlyDictionary<string, object?>? named = null)
{
    public static TemplateArguments None { get; } = new([]);

    /// <summary>Stands where no argument was given.</summary>
    public static object Missing { get; } = new();

    public IReadOnlyList<object?> Positional => positional;

    public IReadOnlyDictionary<string, object?> Named { get; } = named ?? new Dictionary<string, object?>();

    /// <summary>The arguments in the order of the parameters, <see cref="Missing"/> where none was given.</summary>
    public object?[] Bind(TemplateRun run, string what, params ReadOnlySpan<string> parameters)
    {
        if (positional.Count > parameters.Length)
        {
            throw run.Fail($"{what} takes {(parameters.Length == 0 ? "no argument" : $"at most {parameters.Length} arguments")}, not {positional.Count}.");
        }

        var values = new object?[parameters.Length];
        Array.Fill(values, Missing);
        for (var i = 0; i < positional.Count; i++)
        {
            values[i] = positional[i];
        }

        foreach (var (name, value) in Named)
        {
            var at = parameters.IndexOf(name);
            if (at < 0 || !ReferenceEquals(values[at], Missing))
            {
                throw run.Fail(at < 0 ? $"{what} has no argument '{TokenizerJson.Quote(name)}'." : $"{what} has its argument '{name}' twice.");
            }

            values[at] = value;
        }

        return values;
    }

    /// <summary>The arguments after the first ones.</summary>
    public TemplateArguments Skip(int count) => new([.. positional.Skip(count)], Named);
}
