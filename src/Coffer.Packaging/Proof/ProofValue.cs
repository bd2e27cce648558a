using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Coffer.Packaging;

/// <summary>A copy of an output: a tensor, or a sequence or map with its members.</summary>
internal sealed class ProofValue
{
    private readonly OnnxValueType _kind;
    private readonly TensorElementType _type;
    private readonly long[] _shape = [];
    private readonly byte[] _bytes = [];
    private readonly string[] _strings = [];
    private readonly ProofValue[] _members = [];

    private ProofValue(OrtValue value)
    {
        _kind = value.OnnxType;
        if (_kind == OnnxValueType.ONNX_TYPE_TENSOR)
        {
            var info = value.GetTensorTypeAndShape();
            (_type, _shape) = (info.ElementDataType, info.Shape);
            if (_type == TensorElementType.String)
            {
                _strings = value.GetStringTensorAsArray();
            }
            else
            {
                _bytes = value.GetTensorMutableRawData().ToArray();
            }
        }
        else if (_kind is OnnxValueType.ONNX_TYPE_SEQUENCE or OnnxValueType.ONNX_TYPE_MAP)
        {
            _members = new ProofValue[value.GetValueCount()];
            for (var i = 0; i < _members.Length; i++)
            {
                using var member = value.GetValue(i, OrtAllocator.DefaultInstance);
                _members[i] = new ProofValue(member);
            }
        }
        else
        {
            throw new PackagingException(PackagingError.NotRunnable, $"The model gives a {_kind}, which the proof can't compare. Pack without proof.");
        }
    }

    public bool IsEmpty => _bytes.Length == 0 && _strings.Length == 0 && _members.All(member => member.IsEmpty);

    public static ProofValue Read(OrtValue value) => new(value);

    /// <summary>What differs, as the end of a sentence; null if nothing does by more than the tolerance.</summary>
    public string? FindDifference(ProofValue other, double tolerance)
    {
        if (_kind != other._kind || _type != other._type || _members.Length != other._members.Length || !_shape.SequenceEqual(other._shape))
        {
            return $"is a {_type} [{string.Join(", ", _shape)}] in one and a {other._type} [{string.Join(", ", other._shape)}] in the other";
        }

        if (!_strings.SequenceEqual(other._strings, StringComparer.Ordinal))
        {
            return "has other strings";
        }

        return _bytes.AsSpan().SequenceEqual(other._bytes) || (tolerance > 0 && OwnDistance(other) <= tolerance)
            ? _members.Zip(other._members, (mine, theirs) => mine.FindDifference(theirs, tolerance)).FirstOrDefault(difference => difference is not null)
            : DescribeDifference(other);
    }

    /// <summary>The greatest difference from a value of the same shape, as <see cref="GraphProofOptions.Tolerance"/> counts it; infinite for other kinds of difference.</summary>
    public double Distance(ProofValue other) =>
        Math.Max(_bytes.AsSpan().SequenceEqual(other._bytes) ? 0 : OwnDistance(other), _members.Zip(other._members, (mine, theirs) => mine.Distance(theirs)).DefaultIfEmpty().Max());

    private double OwnDistance(ProofValue other) => _type switch
    {
        TensorElementType.Float => Distance<float>(other, x => x),
        TensorElementType.Double => Distance<double>(other, x => x),
        TensorElementType.Float16 => Distance<Half>(other, x => (double)x),
        TensorElementType.BFloat16 => Distance<Inference.BFloat16>(other, x => (float)x),
        // Whole numbers are indices, classes or quanta: one apart is another answer.
        _ => double.PositiveInfinity,
    };

    private double Distance<T>(ProofValue other, Func<T, double> number)
        where T : unmanaged
    {
        var mine = MemoryMarshal.Cast<byte, T>(_bytes);
        var theirs = MemoryMarshal.Cast<byte, T>(other._bytes);
        var (difference, magnitude) = (0.0, 1.0);
        for (var i = 0; i < mine.Length; i++)
        {
            var (a, b) = (number(mine[i]), number(theirs[i]));
            // The same infinity, or not a number on both sides.
            if (a.Equals(b))
            {
                continue;
            }

            var apart = Math.Abs(a - b);
            difference = double.IsNaN(apart) ? double.PositiveInfinity : Math.Max(difference, apart);
            magnitude = double.IsFinite(a) ? Math.Max(magnitude, Math.Abs(a)) : magnitude;
        }

        return difference / magnitude;
    }

    private string DescribeDifference(ProofValue other)
    {
        var greatest = _type switch
        {
            TensorElementType.Float => Greatest<float>(other, x => x),
            TensorElementType.Double => Greatest<double>(other, x => x),
            TensorElementType.Float16 => Greatest<Half>(other, x => (double)x),
            TensorElementType.BFloat16 => Greatest<Inference.BFloat16>(other, x => (float)x),
            TensorElementType.Int64 => Greatest<long>(other, x => x),
            TensorElementType.Int32 => Greatest<int>(other, x => x),
            TensorElementType.Int8 => Greatest<sbyte>(other, x => x),
            TensorElementType.UInt8 => Greatest<byte>(other, x => x),
            _ => (double?)null,
        };
        return greatest is null ? "has other values" : FormattableString.Invariant($"has other values, the greatest difference is {greatest:G6}");
    }

    private double Greatest<T>(ProofValue other, Func<T, double> number)
        where T : unmanaged
    {
        var mine = MemoryMarshal.Cast<byte, T>(_bytes);
        var theirs = MemoryMarshal.Cast<byte, T>(other._bytes);
        var greatest = 0.0;
        for (var i = 0; i < mine.Length; i++)
        {
            var difference = Math.Abs(number(mine[i]) - number(theirs[i]));
            greatest = double.IsNaN(difference) && !mine[i].Equals(theirs[i]) ? double.NaN : Math.Max(greatest, difference);
        }

        return greatest;
    }
}
