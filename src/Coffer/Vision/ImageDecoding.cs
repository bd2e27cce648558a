namespace Coffer.Vision;

/// <summary>How a picture is decoded before it is resized to what the model takes.</summary>
public enum ImageDecoding
{
    /// <summary>At full size; pixels are Pillow's, and so are the model's inputs.</summary>
    Exact,

    /// <summary>
    /// JPEG pictures are decoded at the smallest eighth of their size that is not below what the model takes, then resized.
    /// Two to four times faster on photos, and a little different: the model's inputs are no longer Pillow's. Other formats are
    /// decoded at full size.
    /// </summary>
    Scaled,
}
