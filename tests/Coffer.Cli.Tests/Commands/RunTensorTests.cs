using Coffer.Tensors;

namespace Coffer.Cli.Tests.Commands;

public sealed class RunTensorTests(Vendor vendor) : IClassFixture<Vendor>
{
    private const string Input = "Input3";
    private const string Output = "Plus214_Output_0";

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Run_RecordedInput_GivesTheRecordedOutput(int set)
    {
        var (bundle, license) = await vendor.PackTensorsAsync(Repository.Shared("models", "mnist", "mnist-8.onnx"), $"recorded-{set}");
        var input = SaveInput(set);
        var folder = vendor.File($"out-{set}");

        var json = (await vendor.RunAsync(["--input", $"{Input}={input}", "--output-dir", folder, "--json"], bundle: bundle, license: license)).Succeeds().Json;

        var expected = OnnxTensorFile.Read(Repository.Shared("models", "mnist", $"test_data_set_{set}", "output_0.pb"));
        var written = NpyFile.Read(Path.Combine(folder, Output + ".npy"));
        Assert.Equal(expected.Shape.ToArray(), written.Shape.ToArray());
        Assert.All(expected.AsSpan<float>().ToArray().Zip(written.AsSpan<float>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, Math.Abs(pair.First) * 1e-5f + 1e-3f));

        var output = json.GetProperty("outputs")[0];
        Assert.Equal(Output, output.GetProperty("name").GetString());
        Assert.Equal("float32", output.GetProperty("type").GetString());
        Assert.Equal([1L, 10L], output.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()));
        Assert.Equal(written.AsSpan<float>().ToArray(), output.GetProperty("values").EnumerateArray().Select(value => value.GetSingle()));
    }

    [Fact]
    public async Task Run_Text_ShowsNamesTypesShapesAndValues()
    {
        var (bundle, license) = await vendor.PackTensorsAsync(Repository.Shared("models", "mnist", "mnist-8.onnx"), "text");

        var run = (await vendor.RunAsync(["--input", $"{Input}={SaveInput(0)}"], bundle: bundle, license: license)).Succeeds();

        var lines = run.Out.TrimEnd().Split('\n');
        Assert.Equal($"{Output}  float32 [1, 10]", lines[0].TrimEnd());
        Assert.Equal(10, lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Run_PictureForATensorModel_SaysWhatItTakes()
    {
        var (bundle, license) = await vendor.PackTensorsAsync(Repository.Shared("models", "mnist", "mnist-8.onnx"), "picture");

        var run = (await vendor.RunAsync([Vendor.Picture("seven.png")], bundle: bundle, license: license)).FailsWith(ExitCodes.Usage);

        Assert.Contains("Input3 float32 [1, 1, 28, 28]", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_UnknownInput_NamesTheRightOne()
    {
        var (bundle, license) = await vendor.PackTensorsAsync(Repository.Shared("models", "mnist", "mnist-8.onnx"), "unknown");

        var run = (await vendor.RunAsync(["--input", $"x={SaveInput(0)}"], bundle: bundle, license: license)).FailsWith(ExitCodes.Usage);

        Assert.Contains("missing for 'Input3'", run.Error, StringComparison.Ordinal);
        Assert.Contains("no input 'x'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WrongShapeOrType_IsUsage()
    {
        var (bundle, license) = await vendor.PackTensorsAsync(Repository.Shared("models", "mnist", "mnist-8.onnx"), "shape");
        NpyFile.Write(vendor.File("flat.npy"), Tensor.Create(new float[784], 784));
        NpyFile.Write(vendor.File("double.npy"), Tensor.Create(new double[784], 1, 1, 28, 28));

        (await vendor.RunAsync(["--input", $"{Input}={vendor.File("flat.npy")}"], bundle: bundle, license: license)).FailsWith(ExitCodes.Usage);
        (await vendor.RunAsync(["--input", $"{Input}={vendor.File("double.npy")}"], bundle: bundle, license: license)).FailsWith(ExitCodes.Usage);
    }

    [Fact]
    public async Task Run_InputThatIsNoTensor_IsUsageAndNamesTheFile()
    {
        var run = (await vendor.RunAsync(["--input", $"pixel_values={Vendor.Picture("seven.png")}"])).FailsWith(ExitCodes.Usage);

        Assert.Contains("seven.png", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("file.npy")]
    [InlineData("=file.npy")]
    [InlineData("name=")]
    public async Task Run_InputWithoutNameOrFile_IsUsage(string input) =>
        (await vendor.RunAsync(["--input", input])).FailsWith(ExitCodes.Usage);

    [Fact]
    public async Task Run_PicturesAndTensors_IsUsage() =>
        (await vendor.RunAsync([Vendor.Picture("seven.png"), "--input", "x=y.npy"])).FailsWith(ExitCodes.Usage);

    [Theory]
    [InlineData("logits", "logits")]
    [InlineData("tf/Identity:0", "tf_Identity_0")]
    [InlineData("../../etc/passwd", "_.._etc_passwd")]
    [InlineData("..", "output")]
    [InlineData("", "output")]
    public void FileNameOf_NameOfAnOutput_StaysInTheFolder(string output, string file) => Assert.Equal(file, TensorRun.FileNameOf(output));

    private string SaveInput(int set)
    {
        var path = vendor.File($"input-{set}-{Guid.NewGuid():N}.npy");
        NpyFile.Write(path, OnnxTensorFile.Read(Repository.Shared("models", "mnist", $"test_data_set_{set}", "input_0.pb")));
        return path;
    }
}
