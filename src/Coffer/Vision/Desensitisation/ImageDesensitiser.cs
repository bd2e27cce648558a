using System.Collections.Frozen;
using Coffer.Inference;
using Coffer.Text;

namespace Coffer.Vision;

/// <summary>
/// Makes of each picture its pixels alone, without EXIF, position, thumbnails or a file's name, and, with something that finds them, makes faces
/// unrecognisable. What is written or shown in a picture stays. Thread-safe.
/// </summary>
/// <typeparam name="TResult">The result, which stays as it is.</typeparam>
/// <param name="faces">Finds faces; null to leave them.</param>
/// <param name="limits">What a picture may be at most; null for the defaults.</param>
public sealed class ImageDesensitiser<TResult>(IFaceFinder? faces = null, ImageLimits? limits = null) : IDesensitiser<ImageInput, TResult>
{
    /// <inheritdoc/>
    public IReadOnlySet<string> Kinds { get; } = faces is null ? FrozenSet.Create(StringComparer.Ordinal, RedactionKinds.Metadata) : FrozenSet.Create(StringComparer.Ordinal, RedactionKinds.Metadata, RedactionKinds.Faces);

    /// <inheritdoc/>
    /// <exception cref="InputException">The picture can't be read, is damaged or too large.</exception>
    public async ValueTask<Desensitised<ImageInput, TResult>> RemoveAsync(ImageInput input, IReadOnlyCollection<string> atLeast, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        var (pixels, size, format) = Decode(input);
        var stride = size.Width * ImageInput.BytesPerPixel(format);
        var picture = ImageInput.FromPixels(pixels, size.Width, size.Height, format, stride);
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        if (faces is not null)
        {
            var found = await faces.FindAsync(picture, cancellationToken).ConfigureAwait(false);
            foreach (var face in found)
            {
                Mosaic.Apply(pixels, size, ImageInput.BytesPerPixel(format), face);
            }

            if (found.Count > 0)
            {
                counts.Add(RedactionKinds.Faces, found.Count);
            }
        }

        return new Desensitised<ImageInput, TResult>(picture, Kinds, counts);
    }

    private (byte[] Pixels, PixelSize Size, PixelFormat Format) Decode(ImageInput input)
    {
        var most = limits ?? ImageLimits.Default;
        using var data = input.Open(most);
        using var decoded = ImageDecoder.Decode(data, most, null, out _);
        return (decoded.Bytes.ToArray(), new PixelSize(decoded.Width, decoded.Height), decoded.Channels == 1 ? PixelFormat.Gray8 : PixelFormat.Rgba32);
    }
}
