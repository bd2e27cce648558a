using System.Buffers.Binary;
using System.Diagnostics;
using System.Text.Json.Nodes;

[assembly: AssemblyFixture(typeof(Coffer.Tests.Vision.PillowReference))]

namespace Coffer.Tests.Vision;

/// <summary>Pillow itself, in a Python process that lives as long as the tests (pillow_reference.py).</summary>
public sealed class PillowReference : IDisposable
{
    private const string Python = "/usr/bin/python3";

    private readonly Lock _lock = new();
    private Process? _process;

    public byte[] Resize(byte[] pixels, int width, int height, int channels, int targetWidth, int targetHeight, int filter) => Ask(
        new JsonObject
        {
            ["operation"] = "resize",
            ["width"] = width,
            ["height"] = height,
            ["channels"] = channels,
            ["targetWidth"] = targetWidth,
            ["targetHeight"] = targetHeight,
            ["filter"] = filter,
        },
        pixels);

    /// <summary>An encoded picture. <paramref name="more"/>: convert, options, orientation, transparency.</summary>
    public byte[] Encode(byte[] pixels, int width, int height, string mode, string format, JsonObject? more = null)
    {
        var job = more?.DeepClone().AsObject() ?? [];
        job["operation"] = "encode";
        job["mode"] = mode;
        job["width"] = width;
        job["height"] = height;
        job["format"] = format;
        return Ask(job, pixels);
    }

    /// <summary>Upright RGB pixels, 3 bytes each, or 1 in mode L.</summary>
    public (int Width, int Height, byte[] Pixels) Decode(byte[] encoded, string mode = "RGB")
    {
        var result = Ask(new JsonObject { ["operation"] = "decode", ["mode"] = mode }, encoded);
        return (BinaryPrimitives.ReadInt32LittleEndian(result), BinaryPrimitives.ReadInt32LittleEndian(result.AsSpan(4)), result[8..]);
    }

    /// <summary>Channels first, float32.</summary>
    public float[] Preprocess(byte[] encoded, JsonObject recipe)
    {
        recipe["operation"] = "preprocess";
        var bytes = Ask(recipe, encoded);
        var numbers = new float[bytes.Length / sizeof(float)];
        Buffer.BlockCopy(bytes, 0, numbers, 0, bytes.Length);
        return numbers;
    }

    public void Dispose()
    {
        _process?.StandardInput.Close();
        _process?.WaitForExit();
        _process?.Dispose();
    }

    private byte[] Ask(JsonObject job, byte[] payload)
    {
        lock (_lock)
        {
            _process ??= Start();
            var input = _process.StandardInput.BaseStream;
            foreach (var block in (byte[][])[System.Text.Encoding.UTF8.GetBytes(job.ToJsonString()), payload])
            {
                input.Write(BitConverter.GetBytes(block.Length));
                input.Write(block);
            }

            input.Flush();
            var output = _process.StandardOutput.BaseStream;
            var length = new byte[4];
            output.ReadExactly(length);
            var result = new byte[BinaryPrimitives.ReadInt32LittleEndian(length)];
            output.ReadExactly(result);
            return result;
        }
    }

    private static Process Start()
    {
        if (!File.Exists(Python))
        {
            Repository.Require($"{Python} is not here");
        }

        using (var probe = Process.Start(new ProcessStartInfo(Python, ["-c", "import PIL, numpy"]) { RedirectStandardError = true })!)
        {
            _ = probe.StandardError.ReadToEnd();
            probe.WaitForExit();
            if (probe.ExitCode != 0)
            {
                Repository.Require($"{Python} has no Pillow or numpy (Debian: python3-pil, python3-numpy)");
            }
        }

        return Process.Start(new ProcessStartInfo(Python, [Repository.File("tests", "Coffer.Tests", "Vision", "pillow_reference.py")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }
}
