using System.Globalization;
using Coffer.Inference;
using Coffer.Remote.Tests.StandIn;
using Coffer.Tensors;

namespace Coffer.Remote.Tests;

/// <summary>Two columns of what is hard to send: the ends of each type's range, numbers that are none, texts that need escapes.</summary>
internal static class ExtremeTensors
{
    public static Tensor Of(ElementType type, int rows)
    {
        string[] texts = type switch
        {
            ElementType.Float32 => ["NaN", "-Infinity", "3.4028235E+38", "1E-45", "-0", "0.1"],
            ElementType.Float64 => ["Infinity", "1.7976931348623157E+308", "5E-324", "-0", "0.1", "NaN"],
            ElementType.Float16 => ["NaN", "65504", "5.9604645E-08", "-Infinity", "0.5", "1"],
            ElementType.BFloat16 => ["NaN", "Infinity", "1", "-2", "0.5", "128"],
            ElementType.Int8 => ["-128", "127", "0", "1", "2", "3"],
            ElementType.Int16 => ["-32768", "32767", "0", "1", "2", "3"],
            ElementType.Int32 => ["-2147483648", "2147483647", "0", "1", "2", "3"],
            ElementType.Int64 => ["-9223372036854775808", "9223372036854775807", "0", "1", "2", "3"],
            ElementType.UInt8 => ["255", "0", "1", "2", "3", "4"],
            ElementType.UInt16 => ["65535", "0", "1", "2", "3", "4"],
            ElementType.UInt32 => ["4294967295", "0", "1", "2", "3", "4"],
            ElementType.UInt64 => ["18446744073709551615", "0", "1", "2", "3", "4"],
            ElementType.Bool => ["true", "false", "false", "true", "true", "true"],
            _ => ["\"\"", "\"caf\\u00e9 \\u65e5\\u672c\"", "\"NaN\"", "\"a \\\"quoted\\\" [NaN, Infinity]\\\\\"", "\"x\"", "\"y\""],
        };
        using var json = JsonTensors.Parse(string.Create(CultureInfo.InvariantCulture, $"[{string.Join(", ", texts.Take(rows * 2))}]"));
        return ElementCodec.Of(type).FromJson([.. json.RootElement.EnumerateArray()], [rows, 2]);
    }
}
