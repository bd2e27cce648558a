// A server whose device key is in an HSM or a token: the private key never is in a secret of the cluster.
// usage: Pkcs11Host BUNDLE TRUST_DIR LICENSE TOKEN_FILE PKCS11_LIBRARY PIN_FILE
using System.Net;
using System.Runtime.InteropServices;
using Coffer;
using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Keys.Pkcs11;
using Coffer.Server;

if (args is not [var bundle, var trust, var license, var tokens, var library, var pin])
{
    Console.Error.WriteLine("usage: Pkcs11Host BUNDLE TRUST_DIR LICENSE TOKEN_FILE PKCS11_LIBRARY PIN_FILE");
    return 2;
}

using var device = Pkcs11DeviceKey.Open(new Pkcs11Options { LibraryPath = library, TokenLabel = "device", Pin = () => File.ReadAllText(pin).Trim().ToCharArray() });
var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
using var sigterm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var sigint = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

await using var server = await ModelServer.StartAsync(new ServerOptions
{
    Address = IPAddress.Any,
    AllowUnencrypted = true, // the mesh encrypts
    Tokens = BearerToken.Load(tokens),
    DrainDelay = TimeSpan.FromSeconds(10),
});
await server.LoadAsync([new BundleSource(bundle, new ModelOptions
{
    Trust = TrustStore.FromDirectory(trust),
    License = License.Load(license),
    Device = device,
    Batching = BatchingOptions.Default,
})]);
Console.WriteLine($"Serving on {string.Join(" and ", server.Addresses)}");
await stopped.Task;
await server.StopAsync();
return 0;

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stopped.TrySetResult();
}
