// What runs on a device: a folder with a bundle, its license, the device's key and the publisher's trust anchors; a picture; an answer.
// Published as Native AOT it is one executable beside two native libraries, and it starts about as fast as it computes.
using System.Diagnostics;
using System.Globalization;
using Coffer;
using Coffer.Bundles;
using Coffer.Vision;

var started = Stopwatch.GetTimestamp();
if (args is not [var folder, var picture])
{
    Console.Error.WriteLine("Usage: EdgeApp FOLDER PICTURE. The folder holds model.coffer, model.license, device.key and trust/.");
    return 2;
}

try
{
    using var device = FileDeviceKey.Load(Path.Combine(folder, "device.key"));
    var options = new ModelOptions
    {
        Trust = TrustStore.FromDirectory(Path.Combine(folder, "trust")),
        License = License.Load(Path.Combine(folder, "model.license")),
        Device = device,
    };
    using var model = await ProtectedModel.OpenAsync(Path.Combine(folder, "model.coffer"), options);
    using var classifier = model.CreateImageClassifier();
    var prediction = classifier.Predict(ImageInput.FromFile(picture), new() { TopK = 1 });
    var top = prediction.Value.Top;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{top.Label} {top.Score:P1} on {prediction.ExecutionProvider}, {Stopwatch.GetElapsedTime(started).TotalMilliseconds:F0} ms from start to answer"));
    return 0;
}
catch (CofferException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
