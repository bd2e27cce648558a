namespace Coffer.Text.Templates;

/// <summary>Defines a macro: a function whose value is the text that its body writes.</summary>
internal sealed class MacroStatement(TemplatePosition position, Macro macro) : Statement(position)
{
    /// <summary>The name under which a macro finds the body of the call block that called it.</summary>
    public const string Caller = "caller";

    protected override TemplateFlow Execute(TemplateScope scope, TemplateRun run)
    {
        scope[macro.Name] = macro.In(scope);
        return TemplateFlow.Next;
    }
}

/// <summary><c>{% call(x) f() %}…{% endcall %}</c>: calls a macro, which calls back the body.</summary>
internal sealed class CallStatement(TemplatePosition position, CallExpression call, Macro body) : Statement(position)
{
    protected override TemplateFlow Execute(TemplateScope scope, TemplateRun run)
    {
        run.Write(PythonText.Of(call.Call(scope, run, body.In(scope)), run));
        return TemplateFlow.Next;
    }
}

internal sealed class Macro(string name, IReadOnlyList<(string Name, Expression? Default)> parameters, Statement body, bool takesMore, bool takesNamed)
{
    public string Name => name;

    /// <summary>The macro as a function that sees the variables of where it was defined.</summary>
    public TemplateFunction In(TemplateScope definition) => new(name, (arguments, run) =>
    {
        var scope = new TemplateScope(definition);
        Bind(arguments, scope, run);
        return run.Capture(inner => body.Render(scope, inner));
    });

    private void Bind(TemplateArguments arguments, TemplateScope scope, TemplateRun run)
    {
        var named = new Dictionary<string, object?>(arguments.Named, StringComparer.Ordinal);
        named.Remove(MacroStatement.Caller, out var caller);
        scope[MacroStatement.Caller] = caller ?? new UndefinedValue($"the macro '{name}' was not called by a call block");
        var missing = new List<(string Name, Expression? Default)>();
        for (var i = 0; i < parameters.Count; i++)
        {
            var parameter = parameters[i].Name;
            if (i < arguments.Positional.Count)
            {
                scope[parameter] = named.ContainsKey(parameter) ? throw run.Fail($"the macro '{name}' gets '{parameter}' twice.") : arguments.Positional[i];
            }
            else if (named.Remove(parameter, out var value))
            {
                scope[parameter] = value;
            }
            else
            {
                scope[parameter] = new UndefinedValue($"parameter '{parameter}' was not provided");
                missing.Add(parameters[i]);
            }
        }

        BindRest(arguments, named, scope, run);
        foreach (var (parameter, otherwise) in missing)
        {
            if (otherwise is not null)
            {
                scope[parameter] = otherwise.Evaluate(scope, run);
            }
        }
    }

    private void BindRest(TemplateArguments arguments, Dictionary<string, object?> named, TemplateScope scope, TemplateRun run)
    {
        // As in Jinja, a macro takes more than its parameters only where its body speaks of varargs and kwargs.
        if (arguments.Positional.Count > parameters.Count && !takesMore)
        {
            throw run.Fail($"the macro '{name}' takes at most {parameters.Count} arguments, not {arguments.Positional.Count}.");
        }

        if (named.Count > 0 && !takesNamed)
        {
            throw run.Fail($"the macro '{name}' has no parameter '{TokenizerJson.Quote(named.Keys.First())}'.");
        }

        var rest = new TemplateMap();
        foreach (var (key, value) in named)
        {
            rest[key] = value;
        }

        scope["varargs"] = new TemplateList([.. arguments.Positional.Skip(parameters.Count)], isTuple: true);
        scope["kwargs"] = rest;
    }
}
