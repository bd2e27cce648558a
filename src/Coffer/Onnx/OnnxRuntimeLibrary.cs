namespace Coffer.Onnx;

/// <summary>
/// Which native ONNX Runtime this process uses. Without a call here it is the one that a Coffer.Runtime package brought.
/// </summary>
public static class OnnxRuntimeLibrary
{
    /// <summary>
    /// Uses another native library than the package's, for example a build of one's own with another execution provider.
    /// Call it before the first model is opened; the library is loaded at once, so that a wrong path is reported here.
    /// </summary>
    /// <param name="path">The library's file, for example <c>/opt/ort/libonnxruntime.so</c>. It runs in this process: name
    /// only files that you trust.</param>
    /// <exception cref="Inference.InferenceException">The file is not there or not a native library
    /// (<see cref="Inference.InferenceError.RuntimeMissing"/>), or it is too old
    /// (<see cref="Inference.InferenceError.RuntimeTooOld"/>).</exception>
    /// <exception cref="InvalidOperationException">Another library is in use already.</exception>
    public static void Use(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        NativeRuntime.Use(Path.GetFullPath(path));
    }
}
