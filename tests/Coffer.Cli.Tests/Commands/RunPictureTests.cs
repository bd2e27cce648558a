using Microsoft.Extensions.Time.Testing;

namespace Coffer.Cli.Tests.Commands;

public sealed class RunPictureTests(Vendor vendor) : IClassFixture<Vendor>
{
    [Fact]
    public async Task Run_OnePicture_PutsTheBestClassBesideItsName()
    {
        var run = (await vendor.RunAsync([Vendor.Picture("seven.png"), "--top-k", "3"])).Succeeds();

        var lines = run.Out.TrimEnd().Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.Matches(@"^seven\.png  seven +\d+\.\d %$", lines[0].TrimEnd());
        Assert.All(lines[1..], line => Assert.Matches(@"^ {11}[a-z]+ +\d+\.\d %$", line.TrimEnd()));
    }

    [Fact]
    public async Task Run_SeveralPictures_GivesABlockForEach()
    {
        string[] digits = ["one", "four", "seven", "eight"];

        var run = (await vendor.RunAsync([.. digits.Select(digit => Vendor.Picture(digit + ".png")), "--top-k", "1"])).Succeeds();

        Assert.Equal(digits.Select(digit => $"{digit}.png {digit}"), run.Out.TrimEnd().Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..2])));
    }

    [Fact]
    public async Task Run_PicturesOfOneName_AreToldApartByTheirFolders()
    {
        Directory.CreateDirectory(vendor.File("a"));
        File.Copy(Vendor.Picture("one.png"), vendor.File("a", "seven.png"), overwrite: true);

        var run = (await vendor.RunAsync([Vendor.Picture("seven.png"), vendor.File("a", "seven.png"), "--top-k", "1"])).Succeeds();

        Assert.Contains($"{vendor.File("a", "seven.png")} ", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_Json_HoldsScoresAndWhereItRan()
    {
        var json = (await vendor.RunAsync([Vendor.Picture("seven.png"), "--json"])).Succeeds().Json;

        var result = json.GetProperty("results")[0];
        Assert.Equal("seven", result.GetProperty("classes")[0].GetProperty("label").GetString());
        Assert.Equal(7, result.GetProperty("classes")[0].GetProperty("index").GetInt32());
        Assert.InRange(result.GetProperty("classes")[0].GetProperty("score").GetDouble(), 0.5, 1);
        Assert.Equal(5, result.GetProperty("classes").GetArrayLength());
        Assert.Equal("CPU", result.GetProperty("executionProvider").GetString());
        Assert.Equal("local", result.GetProperty("target").GetString());
        Assert.Equal("acme/digits", json.GetProperty("model").GetProperty("id").GetString());
    }

    [Fact]
    public async Task Run_PictureThatIsNone_IsReportedAndTheOthersGoOn()
    {
        await File.WriteAllTextAsync(vendor.File("poem.png"), "Roses are red.", TestContext.Current.CancellationToken);

        var run = await vendor.RunAsync([vendor.File("poem.png"), Vendor.Picture("seven.png"), "--top-k", "1"]);

        Assert.Equal(ExitCodes.Usage, run.ExitCode);
        Assert.StartsWith("seven.png  seven", run.Out, StringComparison.Ordinal);
        Assert.Contains("poem.png", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_MissingPicture_IsUsage()
    {
        var run = await vendor.RunAsync([vendor.File("none.png")]);

        Assert.Equal(ExitCodes.Usage, run.ExitCode);
        Assert.Contains("none.png", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ProviderThatIsNotHere_SaysOnStandardErrorWhereItRan()
    {
        var run = await vendor.RunAsync([Vendor.Picture("seven.png"), "--provider", "directml", "--top-k", "1"]);

        Assert.Equal(ExitCodes.Ok, run.ExitCode);
        Assert.Contains("It ran on CPU instead of DirectML", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Out.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Run_RequiredGpuThatIsNotHere_IsDevice() =>
        (await vendor.RunAsync([Vendor.Picture("seven.png"), "--provider", "directml", "--require-gpu"])).FailsWith(ExitCodes.Device);

    [Theory]
    [InlineData("--provider", "abacus")]
    [InlineData("--provider", "cuda:x")]
    [InlineData("--provider", "cpu:1")]
    [InlineData("--top-k", "0")]
    [InlineData("--top-k", "five")]
    [InlineData("--require-gpu", "--json=false")]
    [InlineData("--bogus", "1")]
    public async Task Run_BadOption_IsUsage(string option, string value) =>
        (await vendor.RunAsync([Vendor.Picture("seven.png"), option, value])).FailsWith(ExitCodes.Usage);

    [Fact]
    public async Task Run_NoInput_IsUsage() => (await vendor.RunAsync([])).FailsWith(ExitCodes.Usage);

    [Fact]
    public async Task Run_TamperedBundle_IsRejected()
    {
        var path = await Tampering.FlipAsync(vendor.Bundle, vendor.File("flipped.coffer"), fromEnd: 1);

        (await vendor.RunAsync([Vendor.Picture("seven.png")], bundle: path)).FailsWith(ExitCodes.BundleRejected);
    }

    [Fact]
    public async Task Run_UntrustedPublisher_IsRejected()
    {
        using var stranger = new TemporaryFolder();
        (await ToolRun.OfAsync("keys", "init", stranger.File("keys"), "--publisher", "acme")).Succeeds();

        (await vendor.RunAsync([Vendor.Picture("seven.png")], trust: stranger.File("keys", "trust"))).FailsWith(ExitCodes.BundleRejected);
    }

    [Fact]
    public async Task Run_AnotherDevice_IsRefused()
    {
        using var stranger = new TemporaryFolder();
        (await ToolRun.OfAsync("keys", "init", stranger.File("keys"), "--publisher", "other")).Succeeds();

        (await vendor.RunAsync([Vendor.Picture("seven.png")], device: stranger.File("keys", "device.key"))).FailsWith(ExitCodes.LicenseRefused);
    }

    [Fact]
    public async Task Run_ExpiredLicense_IsRefused()
    {
        (await ToolRun.OfAsync("license", "issue", vendor.Bundle, "--keys", vendor.Keys, "--device", vendor.Device, "--expires", "1d", "-o", vendor.File("short.license"))).Succeeds();
        var later = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(2));

        var run = (await vendor.RunAsync([Vendor.Picture("seven.png")], license: vendor.File("short.license"), clock: later)).FailsWith(ExitCodes.LicenseRefused);

        Assert.Contains("expired", run.Error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Run_MoreCallsThanLicensed_IsRefused()
    {
        (await ToolRun.OfAsync("license", "issue", vendor.Bundle, "--keys", vendor.Keys, "--device", vendor.Device, "--calls", "2", "-o", vendor.File("two.license"))).Succeeds();

        (await vendor.RunAsync([Vendor.Picture("one.png"), Vendor.Picture("four.png")], license: vendor.File("two.license"))).Succeeds();
        (await vendor.RunAsync([Vendor.Picture("seven.png")], license: vendor.File("two.license"))).FailsWith(ExitCodes.LicenseRefused);
    }

    [Fact]
    public async Task Run_CallsThatEndInTheMiddle_ShowsWhatWasPaidFor()
    {
        (await ToolRun.OfAsync("license", "issue", vendor.Bundle, "--keys", vendor.Keys, "--device", vendor.Device, "--calls", "1", "-o", vendor.File("one.license"))).Succeeds();

        var run = await vendor.RunAsync([Vendor.Picture("one.png"), Vendor.Picture("four.png"), "--top-k", "1"], license: vendor.File("one.license"));

        Assert.Equal(ExitCodes.LicenseRefused, run.ExitCode);
        Assert.StartsWith("one.png  one", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("four", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_LicenseForAnotherApplication_IsRefusedUnlessNamed()
    {
        (await ToolRun.OfAsync("license", "issue", vendor.Bundle, "--keys", vendor.Keys, "--device", vendor.Device, "--audience", "app", "-o", vendor.File("app.license"))).Succeeds();

        (await vendor.RunAsync([Vendor.Picture("seven.png")], license: vendor.File("app.license"))).FailsWith(ExitCodes.LicenseRefused);
        (await vendor.RunAsync([Vendor.Picture("seven.png"), "--audience", "app"], license: vendor.File("app.license"))).Succeeds();
    }

    [Fact]
    public async Task Run_RemoteOnlyLicense_IsRefused()
    {
        (await ToolRun.OfAsync("license", "issue", vendor.Bundle, "--keys", vendor.Keys, "--device", vendor.Device, "--targets", "remote", "-o", vendor.File("remote.license"))).Succeeds();

        (await vendor.RunAsync([Vendor.Picture("seven.png")], license: vendor.File("remote.license"))).FailsWith(ExitCodes.LicenseRefused);
    }

    [Fact]
    public async Task Run_MissingDeviceKey_IsDevice() =>
        (await vendor.RunAsync([Vendor.Picture("seven.png")], device: vendor.File("none.key"))).FailsWith(ExitCodes.Device);

    [Theory]
    [InlineData("hotdog.jpg", "hotdog")]
    [InlineData("chelsea.png", "cat")]
    public async Task Run_PhotographWithImageNetModel_PutsTheRightClassFirst(string picture, string label)
    {
        var folder = Repository.Shared("models", "mobilenetv2-imagenet");
        var photograph = Repository.Shared("data", "images", picture);
        var (bundle, license) = (vendor.File(picture + ".coffer"), vendor.File(picture + ".license"));

        (await ToolRun.OfAsync(
            "pack", Path.Combine(folder, "mobilenetv2-12-int8.onnx"), "--task", "image-classification", "--id", "mobilenet", "--version", "2.0.0",
            "--labels", Path.Combine(folder, "synset.txt"), "--size", "shortest:256", "--crop", "224", "--mean", "0.485,0.456,0.406", "--std", "0.229,0.224,0.225",
            "--keys", vendor.Keys, "-o", bundle)).Succeeds();
        (await ToolRun.OfAsync("license", "issue", bundle, "--keys", vendor.Keys, "--device", vendor.Device, "-o", license)).Succeeds();
        var run = (await vendor.RunAsync([photograph], bundle: bundle, license: license)).Succeeds();

        Assert.Contains(label, run.Out.Split('\n')[0].Replace(picture, "", StringComparison.Ordinal), StringComparison.Ordinal);
    }
}
