using System.Runtime.Intrinsics;

namespace Coffer.Vision;

/// <summary>From a channel's pixel, 0 to 255, to the number that the model takes.</summary>
internal readonly struct ChannelArithmetic
{
    private readonly double _factor;
    private readonly float _factorHigh;
    private readonly float _factorLow;
    private readonly float _offset;
    private readonly float _mean;
    private readonly float _deviation;
    private readonly float _again;

    public ChannelArithmetic(ImagePreprocessorSettings settings, int channel)
    {
        Source = settings.ChannelOrder == ChannelOrder.Bgr ? 2 - channel : channel;
        _factor = settings.RescaleFactor ?? 1;
        _factorHigh = (float)_factor;
        _factorLow = (float)(_factor - _factorHigh);
        _offset = settings.RescaleOffset;
        _mean = settings.Mean.Count > 0 ? settings.Mean[channel] : 0;
        _deviation = settings.Deviation.Count > 0 ? settings.Deviation[channel] : 1;
        _again = settings.DivideAgain ? _deviation : 1;
    }

    /// <summary>Which of the picture's channels it is.</summary>
    public int Source { get; }

    /// <summary>The numbers of all 256 pixels.</summary>
    public float[] Table()
    {
        var table = new float[256];
        for (var pixel = 0; pixel < table.Length; pixel++)
        {
            table[pixel] = ((float)(pixel * _factor) - _offset - _mean) / _deviation / _again;
        }

        return table;
    }

    /// <summary>
    /// The same. The factor comes in two halves, and a fused multiplication and addition rounds once: the product is as exact
    /// as in double precision (T. J. Dekker, 1971).
    /// </summary>
    public Vector256<float> Apply(Vector256<float> pixels)
    {
        var scaled = Vector256.FusedMultiplyAdd(pixels, Vector256.Create(_factorHigh), pixels * _factorLow);
        var normalised = (scaled - Vector256.Create(_offset) - Vector256.Create(_mean)) / _deviation;
        return _again == 1 ? normalised : normalised / _again;
    }
}
