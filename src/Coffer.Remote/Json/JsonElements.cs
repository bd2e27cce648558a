using System.Runtime.CompilerServices;
using System.Text.Json;
using Coffer.Inference;

namespace Coffer.Remote;

/// <summary>One element of a tensor in JSON. The branches are folded by the compiler, as in <see cref="ElementTypes.Of"/>.</summary>
internal static class JsonElements
{
    public static void Write<T>(Utf8JsonWriter writer, T value)
    {
        if (typeof(T) == typeof(float))
        {
            WriteNumber(writer, (float)(object)value!);
        }
        else if (typeof(T) == typeof(double))
        {
            WriteNumber(writer, (double)(object)value!);
        }
        else if (typeof(T) == typeof(Half))
        {
            WriteNumber(writer, (float)(Half)(object)value!);
        }
        else if (typeof(T) == typeof(BFloat16))
        {
            WriteNumber(writer, (BFloat16)(object)value!);
        }
        else if (typeof(T) == typeof(bool))
        {
            writer.WriteBooleanValue((bool)(object)value!);
        }
        else if (typeof(T) == typeof(ulong))
        {
            writer.WriteNumberValue((ulong)(object)value!);
        }
        else if (typeof(T) == typeof(string))
        {
            writer.WriteStringValue((string)(object)value!);
        }
        else
        {
            writer.WriteNumberValue(ToInt64(value));
        }
    }

    /// <summary>The scalar under the reader.</summary>
    /// <exception cref="FormatException">It is not one of that type.</exception>
    public static T Read<T>(ref Utf8JsonReader reader)
    {
        if (typeof(T) == typeof(float))
        {
            return As<float, T>(reader.TokenType == JsonTokenType.String ? (float)NotFinite(ref reader) : reader.GetSingle());
        }

        if (typeof(T) == typeof(double))
        {
            return As<double, T>(reader.TokenType == JsonTokenType.String ? NotFinite(ref reader) : reader.GetDouble());
        }

        if (typeof(T) == typeof(Half))
        {
            return As<Half, T>((Half)(reader.TokenType == JsonTokenType.String ? NotFinite(ref reader) : reader.GetDouble()));
        }

        if (typeof(T) == typeof(BFloat16))
        {
            return As<BFloat16, T>((BFloat16)(reader.TokenType == JsonTokenType.String ? (float)NotFinite(ref reader) : reader.GetSingle()));
        }

        if (typeof(T) == typeof(bool))
        {
            // Some servers write booleans as the numbers that they are.
            return As<bool, T>(reader.TokenType == JsonTokenType.Number ? reader.GetByte() == 1 : reader.GetBoolean());
        }

        if (typeof(T) == typeof(string))
        {
            return (T)(object)reader.GetString()!;
        }

        if (typeof(T) == typeof(sbyte))
        {
            return As<sbyte, T>(reader.GetSByte());
        }

        if (typeof(T) == typeof(short))
        {
            return As<short, T>(reader.GetInt16());
        }

        if (typeof(T) == typeof(int))
        {
            return As<int, T>(reader.GetInt32());
        }

        if (typeof(T) == typeof(long))
        {
            return As<long, T>(reader.GetInt64());
        }

        if (typeof(T) == typeof(byte))
        {
            return As<byte, T>(reader.GetByte());
        }

        if (typeof(T) == typeof(ushort))
        {
            return As<ushort, T>(reader.GetUInt16());
        }

        if (typeof(T) == typeof(uint))
        {
            return As<uint, T>(reader.GetUInt32());
        }

        return As<ulong, T>(reader.GetUInt64());
    }

    private static long ToInt64<T>(T value) =>
        typeof(T) == typeof(sbyte) ? (sbyte)(object)value!
        : typeof(T) == typeof(short) ? (short)(object)value!
        : typeof(T) == typeof(int) ? (int)(object)value!
        : typeof(T) == typeof(long) ? (long)(object)value!
        : typeof(T) == typeof(byte) ? (byte)(object)value!
        : typeof(T) == typeof(ushort) ? (ushort)(object)value!
        : (uint)(object)value!;

    private static void WriteNumber(Utf8JsonWriter writer, float value)
    {
        if (float.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            WriteNotFinite(writer, value);
        }
    }

    private static void WriteNumber(Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            WriteNotFinite(writer, value);
        }
    }

    // Bare, as TensorFlow Serving's REST documentation and Python's json module have it.
    private static void WriteNotFinite(Utf8JsonWriter writer, double value) =>
        writer.WriteRawValue(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "Infinity"u8 : "-Infinity"u8, skipInputValidation: true);

    /// <summary>What <see cref="BareNumbers"/> has put in quotes, or a server did.</summary>
    private static double NotFinite(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals(BareNumbers.NaN) ? double.NaN
        : reader.ValueTextEquals(BareNumbers.Infinity) ? double.PositiveInfinity
        : reader.ValueTextEquals(BareNumbers.MinusInfinity) ? double.NegativeInfinity
        : throw new FormatException("A number is a text.");

    private static T As<TValue, T>(TValue value) => Unsafe.As<TValue, T>(ref value);
}
