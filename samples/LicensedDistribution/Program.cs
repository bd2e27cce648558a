// The way of a license, in one run: a vendor lets an OEM license its model, the OEM passes a part of that on to a device, the
// device counts and reports, and the vendor takes it all back. What should be refused and is not ends the run with an error.
using Coffer;
using Coffer.Bundles;
using Coffer.Vision;
using LicensedDistribution;

var digits = Path.Combine(AppContext.BaseDirectory, "digits");
var folder = Directory.CreateTempSubdirectory("coffer-distribution-").FullName;
await using var server = new StatusServer();
try
{
    Story.Chapter("The vendor packs a model, and lets an OEM license it");
    var vendor = new Vendor(Path.Combine(folder, "vendor"), server);
    var bundle = Path.Combine(folder, "digits.coffer");
    await vendor.PackAsync(digits, bundle);
    var oem = new Oem(Path.Combine(folder, "oem"));
    var terms = vendor.IssueTo(oem.Recipient, bundle);
    vendor.PublishStatus();
    Story.Say("1000 calls, a year, at most 7 days without news from the vendor; the OEM has no device in it and passes it on");

    Story.Chapter("The OEM passes a part of it on to a device");
    var keys = Path.Combine(folder, "line-4");
    var recipient = KeyFolder.CreateDevice(keys);
    var trust = TrustStore.FromDirectory(vendor.TrustPath);
    var parent = License.Parse(terms).Verify(trust);
    var license = oem.Narrow(parent, recipient, calls: 4);
    Story.Say("4 calls, 30 days");
    Story.Refused(LicenseError.Widened, "5000 calls, where the OEM has 1000", () => oem.Narrow(parent, recipient, calls: 5000));

    Story.Chapter("The device opens the model, and uses its calls up");
    using var device = FileDeviceKey.Load(Path.Combine(keys, "device.key"));
    using var http = new HttpClient();
    var clock = new ShiftedClock();
    var options = new ModelOptions
    {
        Trust = trust,
        License = License.Parse(license),
        Device = device,
        StatusLists = new StatusLists(Path.Combine(keys, "status")),
        Clock = clock,
    };
    var pictures = Directory.GetFiles(Path.Combine(digits, "pictures")).Order(StringComparer.Ordinal).Select(ImageInput.FromFile).ToList();
    var receipts = new List<UsageReceipt>();
    using (var model = await ProtectedModel.OpenAsync(bundle, options))
    using (var classifier = model.CreateImageClassifier())
    {
        await model.RefreshStatusAsync(http);
        await model.RefreshStatusAsync(http);
        Story.Require(server.Sent == 1 && server.NotModified == 1, "the status list is fetched once, and is not sent again while nothing changed (304)");
        Story.Say($"it reads: {string.Join(", ", pictures.Take(4).Select(picture => classifier.Predict(picture).Value.Top.Label))}");
        Story.Refused(LicenseError.QuotaExceeded, "a fifth call", () => classifier.Predict(pictures[4]));
        receipts.Add(UsageReceipt.Issue(License.Parse(license).Verify(trust), device));

        var renewal = oem.Narrow(parent, recipient, calls: 40, renews: License.Parse(license).Verify(trust));
        model.UpdateLicense(License.Parse(renewal));
        options = options with { License = License.Parse(renewal) };
        Story.Say($"the OEM allows 40 in all, and the running model goes on: {classifier.Predict(pictures[4]).Value.Top.Label}");
        receipts.Add(UsageReceipt.Issue(options.License.Verify(trust), device));
    }

    Story.Chapter("The vendor reads the device's receipts");
    receipts.ForEach(receipt => Story.Say($"receipt {receipt.RecordNumber}: {receipt.Calls} calls, {receipt.Total} in all"));
    Story.Require(ReceiptAudit.Of(receipts) is { Findings: [], Total: 5 }, "they are signed by the device, none is missing, and they add up");
    Story.Require(ReceiptAudit.Of(receipts.Skip(1)).Findings is [_], "without the first one, the gap shows");

    Story.Chapter("Two days later, somebody sets the device's clock back");
    clock.Shift = TimeSpan.FromDays(2);
    using (await ProtectedModel.OpenAsync(bundle, options))
    {
        Story.Say("used as usual");
    }

    clock.Shift = TimeSpan.FromDays(1);
    await Story.RefusedAsync(LicenseError.ClockRollback, "the model, a day before it was last used", () => ProtectedModel.OpenAsync(bundle, options));
    clock.Shift = TimeSpan.FromDays(2);

    Story.Chapter("The vendor takes the OEM's license back, while the model is in use");
    using (var model = await ProtectedModel.OpenAsync(bundle, options))
    using (var classifier = model.CreateImageClassifier())
    {
        Story.Say($"before: {classifier.Predict(pictures[6]).Value.Top.Label}");
        vendor.Revoke(parent.Claims.Status!);
        vendor.PublishStatus();
        await model.RefreshStatusAsync(http);
        Story.Refused(LicenseError.Revoked, "the next call", () => classifier.Predict(pictures[7]));
    }

    await Story.RefusedAsync(LicenseError.Revoked, "the model, opened again without a network", () => ProtectedModel.OpenAsync(bundle, options));
    return 0;
}
catch (Exception e) when (e is CofferException or Story.BrokenException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
finally
{
    Directory.Delete(folder, recursive: true);
}
