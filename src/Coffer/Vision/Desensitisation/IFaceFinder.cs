namespace Coffer.Vision;

/// <summary>Finds the faces that are to be made unrecognisable: a model of face-detection, or the application's own. Thread-safe.</summary>
public interface IFaceFinder
{
    /// <summary>Finds faces.</summary>
    /// <param name="picture">An upright picture as pixels.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>One area a face, in pixels from the top left; may reach over the edges.</returns>
    ValueTask<IReadOnlyList<FaceArea>> FindAsync(ImageInput picture, CancellationToken cancellationToken = default);
}
