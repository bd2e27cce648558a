using System.Text.Json;
using Coffer.Inference;
using Coffer.Tensors;

namespace Coffer.Cli;

/// <summary>The elements of a tensor of any type, for showing a few of them.</summary>
internal static class TensorValues
{
    /// <summary>The elements, boxed: float, double, long, ulong, bool or string.</summary>
    public static IEnumerable<object> Of(Tensor tensor) => tensor.ElementType switch
    {
        ElementType.Float32 => Box<float>(tensor, value => value),
        ElementType.Float64 => Box<double>(tensor, value => value),
        ElementType.Float16 => Box<Half>(tensor, value => (float)value),
        ElementType.BFloat16 => Box<BFloat16>(tensor, value => (float)value),
        ElementType.Int8 => Box<sbyte>(tensor, value => (long)value),
        ElementType.Int16 => Box<short>(tensor, value => (long)value),
        ElementType.Int32 => Box<int>(tensor, value => (long)value),
        ElementType.Int64 => Box<long>(tensor, value => value),
        ElementType.UInt8 => Box<byte>(tensor, value => (long)value),
        ElementType.UInt16 => Box<ushort>(tensor, value => (long)value),
        ElementType.UInt32 => Box<uint>(tensor, value => (long)value),
        ElementType.UInt64 => Box<ulong>(tensor, value => value),
        ElementType.Bool => Box<bool>(tensor, value => value),
        ElementType.String => Box<string>(tensor, value => value),
        _ => throw new InvalidOperationException($"A tensor of {tensor.ElementType} has no elements to show."),
    };

    /// <summary>Writes one element; JSON has no NaN and no infinity, so those are strings.</summary>
    public static void Write(Utf8JsonWriter json, object value)
    {
        switch (value)
        {
            case float number when float.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            case ulong number:
                json.WriteNumberValue(number);
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            default:
                json.WriteStringValue(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{value}"));
                break;
        }
    }

    private static List<object> Box<T>(Tensor tensor, Func<T, object> box)
    {
        var values = new List<object>(tensor.Length);
        foreach (var value in tensor.AsSpan<T>())
        {
            values.Add(box(value));
        }

        return values;
    }
}
