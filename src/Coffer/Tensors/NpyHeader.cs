using System.Globalization;
using System.Text;
using Coffer.Inference;

namespace Coffer.Tensors;

/// <summary>
/// The header of a .npy file (numpy's format specification, numpy/lib/format.py): a Python dictionary literal with exactly the
/// keys descr, fortran_order and shape. Strict: this reads what numpy writes and nothing that only Python would evaluate.
/// </summary>
internal sealed record NpyHeader(string Descr, bool FortranOrder, long[] Shape)
{
    /// <summary>More than numpy's own limit of 64 dimensions needs.</summary>
    public const int MaxLength = 16 << 10;

    private const int MaxRank = 64;

    public static NpyHeader Parse(ReadOnlySpan<char> text)
    {
        var reader = new Reader(text);
        string? descr = null;
        bool? fortran = null;
        long[]? shape = null;
        reader.Expect('{');
        while (!reader.TryTake('}'))
        {
            var key = reader.String();
            reader.Expect(':');
            switch (key)
            {
                case "descr" when descr is null:
                    descr = reader.Descr();
                    break;
                case "fortran_order" when fortran is null:
                    fortran = reader.Bool();
                    break;
                case "shape" when shape is null:
                    shape = reader.Shape();
                    break;
                default:
                    throw Corrupt($"the key '{key}' is unknown or there twice");
            }

            if (!reader.TryTake(','))
            {
                reader.Expect('}');
                break;
            }
        }

        reader.End();
        return descr is not null && fortran is not null && shape is not null
            ? new NpyHeader(descr, fortran.Value, shape)
            : throw Corrupt("descr, fortran_order or shape is missing");
    }

    /// <summary>As numpy writes it, without the padding.</summary>
    public override string ToString()
    {
        var shape = new StringBuilder("(");
        foreach (var size in Shape)
        {
            shape.Append(CultureInfo.InvariantCulture, $"{size}, ");
        }

        shape.Length -= Shape.Length > 1 ? 2 : Shape.Length;
        return $"{{'descr': '{Descr}', 'fortran_order': {(FortranOrder ? "True" : "False")}, 'shape': {shape}), }}";
    }

    private static InputException Corrupt(string what) => new(
        InputError.Corrupt,
        $"The .npy header can't be read: {what}. Save the array again with numpy.save.");

    private ref struct Reader(ReadOnlySpan<char> rest)
    {
        private ReadOnlySpan<char> _rest = rest;

        public bool TryTake(char expected)
        {
            _rest = _rest.TrimStart(" \n");
            if (_rest.IsEmpty || _rest[0] != expected)
            {
                return false;
            }

            _rest = _rest[1..];
            return true;
        }

        public void Expect(char expected)
        {
            if (!TryTake(expected))
            {
                throw Corrupt($"'{expected}' is missing");
            }
        }

        public string String()
        {
            var quote = TryTake('\'') ? '\'' : '"';
            if (quote == '"')
            {
                Expect('"');
            }

            var end = _rest.IndexOfAny(quote, '\\');
            if (end < 0 || _rest[end] == '\\')
            {
                throw Corrupt("a string doesn't end");
            }

            var value = _rest[..end].ToString();
            _rest = _rest[(end + 1)..];
            return value;
        }

        public string Descr() => TryTake('[')
            ? throw new InputException(InputError.UnknownFormat, "The .npy file holds records with named fields, not a tensor. Save each field as an array of its own.")
            : String();

        public bool Bool()
        {
            _rest = _rest.TrimStart(" \n");
            var value = _rest.StartsWith("True");
            if (!value && !_rest.StartsWith("False"))
            {
                throw Corrupt("fortran_order is neither True nor False");
            }

            _rest = _rest[(value ? 4 : 5)..];
            return value;
        }

        public long[] Shape()
        {
            var shape = new List<long>();
            Expect('(');
            while (!TryTake(')'))
            {
                shape.Add(Number());
                if (shape.Count > MaxRank)
                {
                    throw Corrupt($"the shape has more than {MaxRank} dimensions");
                }

                if (!TryTake(','))
                {
                    Expect(')');
                    // (3) is a number in Python, not a shape.
                    return shape.Count > 1 ? [.. shape] : throw Corrupt("the shape is not a tuple");
                }
            }

            return [.. shape];
        }

        public void End()
        {
            if (!_rest.Trim(" \n").IsEmpty)
            {
                throw Corrupt("something follows the dictionary");
            }
        }

        private long Number()
        {
            _rest = _rest.TrimStart(" \n");
            var end = _rest.IndexOfAnyExceptInRange('0', '9');
            var digits = end < 0 ? _rest : _rest[..end];
            if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                throw Corrupt("a dimension is not a number");
            }

            _rest = _rest[digits.Length..];
            return value;
        }
    }
}
