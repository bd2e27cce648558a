namespace Coffer.Text.Templates;

/// <summary>Python's operators over a template's values.</summary>
internal static class TemplateOperators
{
    public static object? Apply(string symbol, object? left, object? right, TemplateRun run)
    {
        Defined(left, run);
        Defined(right, run);
        switch (symbol, left, right)
        {
            case ("+", string a, string b):
                return run.Made(a + b);
            case ("+", TemplateList a, TemplateList b) when a.IsTuple == b.IsTuple:
                run.Step(a.Items.Count + b.Items.Count);
                return new TemplateList([.. a.Items, .. b.Items], a.IsTuple);
            case ("*", string or TemplateList, long or bool):
                return Repeat(left, (long)TemplateValue.Number(right)!, run);
            case ("*", long or bool, string or TemplateList):
                return Repeat(right, (long)TemplateValue.Number(left)!, run);
            case ("%", string format, _):
                return PythonFormat.Apply(format, right is TemplateList { IsTuple: true } tuple ? tuple.Items : [right], run);
        }

        if (TemplateValue.Number(left) is not { } x || TemplateValue.Number(right) is not { } y)
        {
            throw run.Fail($"'{symbol}' has no meaning between {TemplateValue.TypeOf(left)} and {TemplateValue.TypeOf(right)}.");
        }

        return x is long m && y is long n ? Integers(symbol, m, n, run) : (object)Floats(symbol, TemplateValue.AsDouble(x), TemplateValue.AsDouble(y), run);
    }

    public static object? Negate(object? value, TemplateRun run) => TemplateValue.Number(Defined(value, run)) switch
    {
        long number => number == long.MinValue ? throw TooLarge(run) : (object)-number,
        double number => -number,
        _ => throw run.Fail($"{TemplateValue.TypeOf(value)} has no sign."),
    };

    public static bool Compare(string symbol, object? left, object? right, TemplateRun run) => symbol switch
    {
        "==" => TemplateValue.AreEqual(left, right, run),
        "!=" => !TemplateValue.AreEqual(left, right, run),
        "in" => TemplateValue.Contains(right, left, run),
        "not in" => !TemplateValue.Contains(right, left, run),
        _ when IsNotANumber(left) || IsNotANumber(right) => false,
        "<" => TemplateValue.Compare(Defined(left, run), Defined(right, run), run) < 0,
        "<=" => TemplateValue.Compare(Defined(left, run), Defined(right, run), run) <= 0,
        ">" => TemplateValue.Compare(Defined(left, run), Defined(right, run), run) > 0,
        _ => TemplateValue.Compare(Defined(left, run), Defined(right, run), run) >= 0,
    };

    public static object? Defined(object? value, TemplateRun run) =>
        value is UndefinedValue undefined ? throw run.Fail(undefined.Message + ".", TextTemplateError.Undefined) : value;

    private static bool IsNotANumber(object? value) => value is double.NaN;

    private static object Repeat(object value, long count, TemplateRun run)
    {
        count = Math.Max(count, 0);
        if (value is string text)
        {
            run.Reserve(text.Length == 0 ? 0 : count > int.MaxValue ? long.MaxValue / 2 : text.Length * count);
            return string.Concat(Enumerable.Repeat(text, text.Length == 0 ? 0 : (int)count));
        }

        var list = (TemplateList)value;
        run.Step(list.Items.Count == 0 ? 0 : count > int.MaxValue ? long.MaxValue / 2 : list.Items.Count * count);
        return new TemplateList([.. Enumerable.Repeat(list.Items, list.Items.Count == 0 ? 0 : (int)count).SelectMany(items => items)], list.IsTuple);
    }

    private static object Integers(string symbol, long left, long right, TemplateRun run)
    {
        if (right == 0 && (symbol is "/" or "//" or "%"))
        {
            throw run.Fail("a division by zero.");
        }

        try
        {
            checked
            {
                return symbol switch
                {
                    "+" => (object)(left + right),
                    "-" => left - right,
                    "*" => left * right,
                    "/" => (double)left / right,
                    "//" => FloorDivide(left, right),
                    "%" => right == -1 ? 0L : left - (FloorDivide(left, right) * right),
                    "**" when right >= 0 => Power(left, right),
                    _ => left == 0 ? throw run.Fail("zero to a negative power.") : Math.Pow(left, right),
                };
            }
        }
        catch (OverflowException)
        {
            throw TooLarge(run);
        }
    }

    private static long FloorDivide(long left, long right)
    {
        var quotient = checked(left / right);
        return (left % right != 0) && (left < 0 != right < 0) ? quotient - 1 : quotient;
    }

    private static long Power(long number, long exponent)
    {
        var result = 1L;
        if (number is 0 or 1)
        {
            return exponent == 0 ? 1 : number;
        }

        if (number == -1)
        {
            return exponent % 2 == 0 ? 1 : -1;
        }

        for (; exponent > 0; exponent--)
        {
            result = checked(result * number);
        }

        return result;
    }

    private static double Floats(string symbol, double left, double right, TemplateRun run)
    {
        if (right == 0 && (symbol is "/" or "//" or "%"))
        {
            throw run.Fail("a division by zero.");
        }

        var result = symbol switch
        {
            "+" => left + right,
            "-" => left - right,
            "*" => left * right,
            "/" => left / right,
            "//" => Math.Floor(left / right),
            "%" => left - (Math.Floor(left / right) * right),
            _ => Math.Pow(left, right),
        };
        return double.IsFinite(result) || !double.IsFinite(left) || !double.IsFinite(right) ? result : throw TooLarge(run);
    }

    private static TextTemplateException TooLarge(TemplateRun run) => run.Fail("a number becomes too large.");
}
