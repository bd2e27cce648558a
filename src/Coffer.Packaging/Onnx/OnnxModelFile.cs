using Google.Protobuf;

namespace Coffer.Packaging;

/// <summary>An <c>.onnx</c> file: its protobuf, and the folder that its external data must lie in.</summary>
internal sealed class OnnxModelFile
{
    // Messages nest two deep per graph inside a graph; ONNX Runtime's reader has the same limit.
    private const int MaxNesting = 100;

    private OnnxModelFile(string path, ModelProto model)
    {
        Path = path;
        Model = model;
        Folder = new ModelFolder(System.IO.Path.GetDirectoryName(path)!);
    }

    /// <summary>The full path.</summary>
    public string Path { get; }

    public ModelFolder Folder { get; }

    /// <summary>The model as read; external data is not loaded. <see cref="GraphSanitiser"/> and <see cref="GraphExternaliser"/> edit it in place.</summary>
    public ModelProto Model { get; }

    /// <summary>Reads a model. External data stays in its files.</summary>
    /// <exception cref="PackagingException">There is no such file, or it is not an ONNX model that protobuf can hold.</exception>
    public static OnnxModelFile Read(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        var name = System.IO.Path.GetFileName(path);
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
            if (file.Length > int.MaxValue)
            {
                throw new PackagingException(
                    PackagingError.TooLarge,
                    $"'{name}' has {file.Length} bytes; a protobuf file holds at most 2 GiB. Save the model with external data (in Python onnx.save_model with save_as_external_data=True) and pack that.");
            }

            RefuseOtherFormats(name, file);
            using var input = CodedInputStream.CreateWithLimits(file, int.MaxValue, MaxNesting);
            var model = ModelProto.Parser.ParseFrom(input);
            return model.HasIrVersion && model.Graph is not null ? new OnnxModelFile(path, model) : throw NotAModel(name, "it holds no graph");
        }
        catch (InvalidProtocolBufferException e)
        {
            throw NotAModel(name, e.Message, e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new PackagingException(PackagingError.NotFound, $"There is no file '{path}'. Give the path of an .onnx file, or of the folder that the model was exported to.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PackagingException(PackagingError.Unreadable, $"'{path}' can't be read: {e.Message}", e);
        }
    }

    private static void RefuseOtherFormats(string name, FileStream file)
    {
        Span<byte> start = stackalloc byte[64];
        start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        file.Position = 0;
        if (start.IsEmpty)
        {
            throw NotAModel(name, "it is empty");
        }

        if (start.StartsWith("version https://git-lfs"u8))
        {
            throw NotAModel(name, "it is a Git LFS pointer to the model; fetch the model itself with 'git lfs pull'");
        }

        // The file identifier of a FlatBuffers file, at byte 4: ONNX Runtime's own format.
        if (start.Length >= 8 && start[4..8].SequenceEqual("ORTM"u8))
        {
            throw NotAModel(name, "it is in ONNX Runtime's own format (.ort); pack the .onnx that it was made from");
        }
    }

    private static PackagingException NotAModel(string name, string why, Exception? cause = null) =>
        new(PackagingError.NotAnOnnxModel, $"'{name}' is not an ONNX model, or it is damaged: {why.TrimEnd('.')}.", cause);
}
