namespace Coffer.Inference;

/// <summary>The element types of tensors, by ONNX's names, with the C# type that holds an element.</summary>
public enum ElementType
{
    /// <summary>A type that this SDK gives no access to (complex numbers, 4- and 8-bit floats, 2- and 4-bit integers).</summary>
    Unsupported,

    /// <summary><see cref="float"/>.</summary>
    Float32,

    /// <summary><see cref="double"/>.</summary>
    Float64,

    /// <summary><see cref="System.Half"/>.</summary>
    Float16,

    /// <summary>The upper half of a <see cref="float"/>, as <see cref="Inference.BFloat16"/>.</summary>
    BFloat16,

    /// <summary><see cref="sbyte"/>.</summary>
    Int8,

    /// <summary><see cref="short"/>.</summary>
    Int16,

    /// <summary><see cref="int"/>.</summary>
    Int32,

    /// <summary><see cref="long"/>.</summary>
    Int64,

    /// <summary><see cref="byte"/>.</summary>
    UInt8,

    /// <summary><see cref="ushort"/>.</summary>
    UInt16,

    /// <summary><see cref="uint"/>.</summary>
    UInt32,

    /// <summary><see cref="ulong"/>.</summary>
    UInt64,

    /// <summary><see cref="bool"/>, one byte.</summary>
    Bool,

    /// <summary><see cref="string"/>.</summary>
    String,
}
