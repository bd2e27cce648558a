using Coffer.Bundles;
using Microsoft.Extensions.Time.Testing;

namespace Coffer.Cli.Tests.Commands;

/// <summary><c>coffer license show</c> with trust, device, bundle and status; and <c>coffer run</c> under status lists.</summary>
public sealed class LicenseShowTests(DelegatedVendor vendor) : IClassFixture<DelegatedVendor>
{
    private Task<ToolRun> ShowAsync(TimeSpan after, string license, params string[] more) =>
        ToolRun.AtAsync(new FakeTimeProvider(vendor.Now + after), ["license", "show", license, .. more]);

    private string[] Here(string key) => ["--trust", vendor.Trust, "--device", key, "--bundle", vendor.Bundle];

    private Task<ToolRun> PredictAsync(TimeSpan after, string license, string key, params string[] more) =>
        ToolRun.AtAsync(new FakeTimeProvider(vendor.Now + after), ["run", vendor.Bundle, "--trust", vendor.Trust, "--license", license, "--device", key, Vendor.Picture("seven.png"), .. more]);

    [Fact]
    public async Task Show_NoOptions_SaysWhoAndForHowLong()
    {
        var (_, _, license) = await vendor.NarrowAsync("plain", "--expires", "30d", "--calls", "10");

        var run = (await ShowAsync(default, license)).Succeeds();

        Assert.Contains("nothing was verified", run.Out, StringComparison.Ordinal);
        Assert.Contains("acme → oem → plain", run.Out, StringComparison.Ordinal);
        Assert.Contains("30 days from now", run.Out, StringComparison.Ordinal);
        Assert.Contains("Token 2 of 2: 'oem' gives 'plain'", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_Trust_SaysThatTheSignaturesHold()
    {
        var (_, _, license) = await vendor.NarrowAsync("trusted");

        Assert.Contains("the signatures hold", (await ShowAsync(default, license, "--trust", vendor.Trust)).Succeeds().Out, StringComparison.Ordinal);
        Assert.True((await ShowAsync(default, license, "--trust", vendor.Trust, "--json")).Succeeds().Json.GetProperty("verified").GetBoolean());
    }

    [Fact]
    public async Task Show_AnothersTrust_ExplainsAndExitsWithRefused()
    {
        using var stranger = new TemporaryFolder();
        (await ToolRun.OfAsync("keys", "init", stranger.File("keys"), "--publisher", "acme")).Succeeds();

        var run = await ShowAsync(default, vendor.OemLicense, "--trust", stranger.File("keys", "trust"));

        Assert.Equal((ExitCodes.LicenseRefused, ""), (run.ExitCode, run.Error));
        Assert.Contains("do not hold", run.Out, StringComparison.Ordinal);
        Assert.Contains("SignatureInvalid", run.Out, StringComparison.Ordinal);
        Assert.Contains("acme → oem", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_Device_SaysHowMuchIsLeftAndWhenItWasUsed()
    {
        var (key, _, license) = await vendor.NarrowAsync("counted", "--calls", "10");
        Assert.Contains("never", (await ShowAsync(default, license, "--trust", vendor.Trust, "--device", key)).Succeeds().Out, StringComparison.Ordinal);
        var run = await PredictAsync(default, license, key);
        Assert.True(run.ExitCode == ExitCodes.Ok, run.Error);

        var shown = (await ShowAsync(TimeSpan.FromDays(3), license, "--trust", vendor.Trust, "--device", key)).Succeeds().Out;
        Assert.Contains("9 of 10 calls", shown, StringComparison.Ordinal);
        Assert.Contains("3 days ago", shown, StringComparison.Ordinal);
        Assert.Equal(9, (await ShowAsync(default, license, "--trust", vendor.Trust, "--device", key, "--json")).Succeeds().Json.GetProperty("usage").GetProperty("left").GetInt64());
    }

    [Fact]
    public async Task Show_QuotaAboveIsUsedUpByASibling_SaysSo()
    {
        (await vendor.RunAsync("license", "issue", vendor.Bundle, "--keys", vendor.Keys, "--delegate", Path.Combine(vendor.Oem, "issuer.jwk"), "--calls", "1", "-o", vendor.File("small.license"))).Succeeds();
        (await vendor.RunAsync("keys", "init", vendor.File("shared"), "--device")).Succeeds();
        var key = vendor.File("shared", "device.key");
        foreach (var name in new[] { "one.license", "two.license" })
        {
            (await vendor.RunAsync("license", "narrow", vendor.File("small.license"), "--keys", vendor.Oem, "--device", vendor.File("shared", "device.jwk"), "-o", vendor.File(name))).Succeeds();
        }

        (await PredictAsync(default, vendor.File("one.license"), key)).Succeeds();

        var (error, message) = await RefusalAsync(default, vendor.File("two.license"), key);
        Assert.Equal(nameof(LicenseError.QuotaExceeded), error);
        Assert.Contains("'acme'", message, StringComparison.Ordinal);
        Assert.Contains("QuotaExceeded", (await PredictAsync(default, vendor.File("two.license"), key, "--json")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_AnotherDevice_SaysWhyUsageIsNotKnown()
    {
        var (_, _, license) = await vendor.NarrowAsync("here");
        var (other, _, _) = await vendor.NarrowAsync("there");

        var run = await ShowAsync(default, license, Here(other));

        Assert.Equal(ExitCodes.LicenseRefused, run.ExitCode);
        Assert.Contains("bound to another device", run.Out, StringComparison.Ordinal);
        Assert.Contains("DeviceMismatch", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_Bundle_SaysWhetherItOpensAndRecordsNothing()
    {
        var (key, _, license) = await vendor.NarrowAsync("asked", "--calls", "1", "--expires", "30d");
        Assert.Contains("opens with it", (await ShowAsync(TimeSpan.FromDays(3), license, Here(key))).Succeeds().Out, StringComparison.Ordinal);

        // Had the question been recorded, an earlier clock would be refused.
        var run = await PredictAsync(default, license, key);
        Assert.True(run.ExitCode == ExitCodes.Ok, run.Error);

        Assert.Equal(nameof(LicenseError.QuotaExceeded), (await RefusalAsync(default, license, key)).Error);
        Assert.Equal(nameof(LicenseError.Expired), (await RefusalAsync(TimeSpan.FromDays(31), license, key)).Error);
        Assert.Equal(nameof(LicenseError.OfflineBudgetExceeded), (await RefusalAsync(TimeSpan.FromDays(10), license, key)).Error);
        Assert.Equal(nameof(LicenseError.AudienceMismatch), (await RefusalAsync(default, (await vendor.NarrowAsync("app", "--audience", "app")).License, vendor.File("app", "device.key"), "--audience", "other")).Error);
    }

    [Theory]
    [InlineData("--trust", "--device", "x")]
    [InlineData("--device", "--bundle", "x", "--trust", "x")]
    [InlineData("--bundle", "--status", "x")]
    public async Task Show_OptionWithoutWhatItNeeds_IsUsage(string named, params string[] options) =>
        Assert.Contains($"give {named}", (await ShowAsync(default, vendor.OemLicense, options)).FailsWith(ExitCodes.Usage).Error.Replace("--trust and --device", "--device", StringComparison.Ordinal), StringComparison.Ordinal);

    [Fact]
    public async Task Run_RevokedByAStatusFile_IsRefusedAndExplained()
    {
        (await vendor.RunAsync("license", "issue", vendor.Bundle, "--keys", vendor.Keys, "--device", Path.Combine(vendor.Keys, "device.jwk"), "--status", "-o", vendor.File("status.license"))).Succeeds();
        var (license, key) = (vendor.File("status.license"), Path.Combine(vendor.Keys, "device.key"));
        var good = await vendor.PublishAsync("good.status");
        (await PredictAsync(default, license, key, "--status", good)).Succeeds();
        (await vendor.RunAsync("license", "revoke", license, "--keys", vendor.Keys)).Succeeds();
        var bad = await vendor.PublishAsync("bad.status", TimeSpan.FromHours(1));

        Assert.Contains("revoked", (await PredictAsync(TimeSpan.FromHours(1), license, key, "--status", bad)).FailsWith(ExitCodes.LicenseRefused).Error, StringComparison.Ordinal);
        Assert.Equal(nameof(LicenseError.Revoked), (await RefusalAsync(TimeSpan.FromHours(1), license, key, "--status", bad)).Error);
    }

    [Fact]
    public async Task Run_NoFreshList_SaysSoOnTheSide()
    {
        (await vendor.RunAsync("license", "issue", vendor.Bundle, "--keys", vendor.Keys, "--device", Path.Combine(vendor.Keys, "device.jwk"), "--status", "-o", vendor.File("advisory.license"))).Succeeds();
        var advisory = await PredictAsync(default, vendor.File("advisory.license"), Path.Combine(vendor.Keys, "device.key"));
        Assert.Equal(ExitCodes.Ok, advisory.ExitCode);
        Assert.Contains("would not be known", advisory.Error, StringComparison.Ordinal);

        var (key, _, license) = await vendor.NarrowAsync("grace");
        var grace = await PredictAsync(TimeSpan.FromDays(8), license, key);
        Assert.Equal(ExitCodes.Ok, grace.ExitCode);
        Assert.Contains("in its grace", grace.Error, StringComparison.Ordinal);
        Assert.Contains("in 1 day", grace.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OlderBundle_NeedsAllowOlder()
    {
        var (older, newer) = (vendor.File("older.coffer"), vendor.File("newer.coffer"));
        (await ToolRun.OfAsync("pack", Vendor.Digits, "--task", "image-classification", "--id", "twice", "--version", "1.0.0", "--sequence", "1", "--keys", vendor.Keys, "-o", older)).Succeeds();
        (await ToolRun.OfAsync("pack", Vendor.Digits, "--task", "image-classification", "--id", "twice", "--version", "1.1.0", "--sequence", "2", "--keys", vendor.Keys, "-o", newer)).Succeeds();
        (await vendor.RunAsync("license", "issue", older, "--keys", vendor.Keys, "--device", Path.Combine(vendor.Keys, "device.jwk"), "-o", vendor.File("twice.license"))).Succeeds();
        string[] Run(string bundle, params string[] more) => ["run", bundle, "--trust", vendor.Trust, "--license", vendor.File("twice.license"), "--device", Path.Combine(vendor.Keys, "device.key"), Vendor.Picture("seven.png"), .. more];

        (await vendor.RunAsync(Run(newer))).Succeeds();
        (await vendor.RunAsync(Run(older))).FailsWith(ExitCodes.LicenseRefused);
        (await vendor.RunAsync(Run(older, "--allow-older"))).Succeeds();
    }

    [Fact]
    public async Task Receipt_ThenAudit_AddsUp()
    {
        var (key, device, license) = await vendor.NarrowAsync("metered", "--calls", "10");
        var receipts = vendor.File("receipts.txt");
        _ = await PredictAsync(default, license, key);
        var first = (await ReceiptAsync(license, key, receipts)).Succeeds().Json;
        _ = await PredictAsync(default, license, key);
        (await ReceiptAsync(license, key, receipts)).Succeeds();

        Assert.Equal((1L, 1L), (first.GetProperty("number").GetInt64(), first.GetProperty("calls").GetInt64()));
        var audit = (await vendor.RunAsync("license", "audit", receipts, "--device", device)).Succeeds();
        Assert.Contains("All is well", audit.Out, StringComparison.Ordinal);
        Assert.Contains("2 calls in all", audit.Out, StringComparison.Ordinal);

        await File.WriteAllTextAsync(receipts, (await File.ReadAllLinesAsync(receipts, TestContext.Current.CancellationToken))[1], TestContext.Current.CancellationToken);
        var gap = await vendor.RunAsync("license", "audit", receipts, "--device", device, "--json");
        Assert.Equal(ExitCodes.LicenseRefused, gap.ExitCode);
        Assert.False(gap.Json.GetProperty("clean").GetBoolean());
        Assert.Equal("Receipt 1 is missing.", gap.Json.GetProperty("licenses")[0].GetProperty("findings")[0].GetString());
    }

    [Fact]
    public async Task Receipt_LicenseThatCountsNothing_IsRefused()
    {
        var license = vendor.File("uncounted.license");
        (await vendor.RunAsync("license", "issue", vendor.Bundle, "--keys", vendor.Keys, "--device", Path.Combine(vendor.Keys, "device.jwk"), "-o", license)).Succeeds();

        var run = await ReceiptAsync(license, Path.Combine(vendor.Keys, "device.key"), vendor.File("none.txt"));
        Assert.Equal((ExitCodes.LicenseRefused, nameof(LicenseError.NothingCounted)), (run.ExitCode, run.ErrorJson.GetProperty("error").GetString()));
        Assert.False(File.Exists(vendor.File("none.txt")));
    }

    [Fact]
    public async Task Audit_AnotherDevicesReceipt_IsRefusedByItsLine()
    {
        var (key, _, license) = await vendor.NarrowAsync("mine", "--calls", "10");
        (await ReceiptAsync(license, key, vendor.File("mine.txt"))).Succeeds();

        Assert.Contains("line 1", (await vendor.RunAsync("license", "audit", vendor.File("mine.txt"), "--device", Path.Combine(vendor.Keys, "device.jwk"))).FailsWith(ExitCodes.LicenseRefused).Error, StringComparison.Ordinal);
    }

    private Task<ToolRun> ReceiptAsync(string license, string key, string file) =>
        vendor.RunAsync("license", "receipt", license, "--trust", vendor.Trust, "--device", key, "-o", file, "--json");

    private async Task<(string Error, string Message)> RefusalAsync(TimeSpan after, string license, string key, params string[] more)
    {
        var run = await ShowAsync(after, license, [.. Here(key), .. more, "--json"]);
        Assert.Equal((ExitCodes.LicenseRefused, ""), (run.ExitCode, run.Error));
        var refusal = run.Json.GetProperty("refusal");
        return (refusal.GetProperty("error").GetString()!, refusal.GetProperty("message").GetString()!);
    }
}
