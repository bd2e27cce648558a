using Coffer.Inference;

namespace Coffer.Vision;

/// <summary>Where pictures go in a graph: which input, of which type and layout, how many at once. Checked once, when a predictor is made.</summary>
internal sealed class ImageInputBinding
{
    private readonly TensorDescription _input;
    private readonly ImagePreprocessor _preprocessor;
    private readonly PixelTensor _tensor;
    private readonly bool _interleaved;
    private readonly long? _fixedBatch;
    private readonly long? _maxPayload;

    /// <exception cref="InferenceException">Graph and settings don't fit each other (<see cref="InferenceError.InvalidSettings"/>).</exception>
    public ImageInputBinding(ModelSignature signature, ImagePreprocessorSettings settings)
    {
        _preprocessor = new ImagePreprocessor(settings);
        _tensor = new PixelTensor(settings);
        _input = signature.Inputs.Count == 1
            ? signature.Inputs[0]
            : signature.Inputs.FirstOrDefault(input => input.Name == "pixel_values")
                ?? throw Invalid($"has {signature.Inputs.Count} inputs and none is named pixel_values. Export it with one");
        if (_input.Dimensions.Count != 4)
        {
            throw Invalid($"takes {_input}, which is not a batch of pictures of 4 dimensions");
        }

        _interleaved = !_input.Dimensions[1].Allows(settings.Channels) || (_input.Dimensions[1].Size is null && _input.Dimensions[3].Size == settings.Channels);
        if (!_input.Dimensions[_interleaved ? 3 : 1].Allows(settings.Channels))
        {
            throw Invalid($"takes {_input}, but its preprocessing makes {settings.Channels} channels. Set channel_order to what it takes");
        }

        if (settings.FixedSize is { } size && !Allows(size))
        {
            throw Invalid($"takes {_input}, but its preprocessing makes pictures of {size}. Set size and crop_size to what it takes");
        }

        if (_input.ElementType is not (ElementType.Float32 or ElementType.Float16 or ElementType.UInt8))
        {
            throw Invalid($"takes {_input}, which is neither float32, float16 nor uint8");
        }

        if (_input.ElementType == ElementType.UInt8 && !settings.KeepsPixels)
        {
            throw Invalid($"takes {_input}, so pixels can't be rescaled or normalised first. Set do_rescale and do_normalize to false");
        }

        if (_input.Dimensions[0].Size is < 1 or > int.MaxValue)
        {
            throw Invalid($"takes {_input}, which is a batch that can't be filled. Export it with a free one");
        }

        _fixedBatch = _input.Dimensions[0].Size;
        _maxPayload = signature.Capabilities.MaxPayload;
    }

    /// <summary>How many pictures one run takes: at most what is asked for, what the graph allows and what the runner may be sent.</summary>
    public int BatchSize(int asked)
    {
        if (_fixedBatch is { } batch)
        {
            return (int)batch;
        }

        if (_preprocessor.Settings.FixedSize is not { } size)
        {
            // Pictures of different sizes don't fit into one tensor.
            return 1;
        }

        var bytes = (long)size.Width * size.Height * _preprocessor.Settings.Channels * ElementSize;
        return (int)Math.Clamp((_maxPayload ?? long.MaxValue) / bytes, 1, asked);
    }

    /// <summary>Prepares pictures and writes them into the call, one a slot.</summary>
    /// <exception cref="InputException">A picture can't be used.</exception>
    public void Write(IModelCall call, ReadOnlySpan<ImageInput> inputs, ImageDecoding decoding, ImageLimits limits, CancellationToken cancellationToken)
    {
        switch (_input.ElementType)
        {
            case ElementType.Float32:
                Write<float>(call, inputs, decoding, limits, cancellationToken);
                break;
            case ElementType.Float16:
                Write<Half>(call, inputs, decoding, limits, cancellationToken);
                break;
            default:
                Write<byte>(call, inputs, decoding, limits, cancellationToken);
                break;
        }
    }

    private int ElementSize => _input.ElementType switch
    {
        ElementType.Float32 => sizeof(float),
        ElementType.Float16 => sizeof(ushort),
        _ => sizeof(byte),
    };

    private void Write<T>(IModelCall call, ReadOnlySpan<ImageInput> inputs, ImageDecoding decoding, ImageLimits limits, CancellationToken cancellationToken)
        where T : unmanaged
    {
        var tensor = default(Span<T>);
        var length = 0;
        for (var slot = 0; slot < inputs.Length; slot++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var pixels = _preprocessor.Prepare(inputs[slot], decoding, limits);
            if (slot == 0)
            {
                tensor = Allocate<T>(call, new PixelSize(pixels.Width, pixels.Height), inputs.Length);
                length = pixels.Width * pixels.Height * _preprocessor.Settings.Channels;
            }

            _tensor.Write(pixels, tensor.Slice(slot * length, length), _interleaved);
        }

        // A graph with a fixed batch also computes the slots that nobody asked for.
        tensor[(inputs.Length * length)..].Clear();
    }

    private Span<T> Allocate<T>(IModelCall call, PixelSize size, int count)
    {
        if (!Allows(size))
        {
            throw new InputException(
                InputError.Unsuitable, $"The picture becomes {size} pixels, but the model takes {_input}. Give a picture of another shape.");
        }

        var (batch, channels) = (_fixedBatch ?? count, (long)_preprocessor.Settings.Channels);
        long[] shape = _interleaved ? [batch, size.Height, size.Width, channels] : [batch, channels, size.Height, size.Width];
        return call.Input<T>(_input.Name, shape);
    }

    private bool Allows(PixelSize size) =>
        _input.Dimensions[_interleaved ? 1 : 2].Allows(size.Height) && _input.Dimensions[_interleaved ? 2 : 3].Allows(size.Width);

    private static InferenceException Invalid(string what) => new(InferenceError.InvalidSettings, $"The model's graph {what}, and pack it again.");
}
