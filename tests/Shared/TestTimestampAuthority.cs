using System.Security.Cryptography.X509Certificates;

namespace Coffer.Tests;

/// <summary>A timestamp authority by <c>openssl ts</c>: a root, an authority under it, the system's clock.</summary>
internal sealed class TestTimestampAuthority
{
    private readonly string _folder;

    private TestTimestampAuthority(string folder)
    {
        _folder = folder;
        Root = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, "root.crt"));
    }

    public X509Certificate2 Root { get; }

    /// <summary>The root's private key, PEM.</summary>
    public string RootKeyPath => Path.Combine(_folder, "root.key");

    public static async Task<TestTimestampAuthority> CreateAsync(TemporaryFolder parent, string usage = "critical,timeStamping", string key = "EC -pkeyopt ec_paramgen_curve:P-256", string certificateHash = "sha256")
    {
        var folder = Directory.CreateDirectory(parent.File($"authority-{Guid.NewGuid():N}")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "ts.cnf"), Configuration(usage, certificateHash), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "serial"), "01\n", TestContext.Current.CancellationToken);
        foreach (var arguments in new[]
        {
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out root.key",
            "req -new -x509 -config ts.cnf -extensions root -key root.key -subj /CN=test-timestamp-root -days 30 -out root.crt",
            $"genpkey -algorithm {key} -out tsa.key",
            "req -new -config ts.cnf -key tsa.key -subj /CN=test-timestamp-authority -out tsa.csr",
            "x509 -req -in tsa.csr -CA root.crt -CAkey root.key -set_serial 4711 -days 20 -extfile ts.cnf -extensions certificate -out tsa.crt",
        })
        {
            await RunAsync(arguments, folder);
        }

        return new TestTimestampAuthority(folder);
    }

    /// <summary>A TimeStampResp.</summary>
    public async Task<byte[]> RespondAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        await File.WriteAllBytesAsync(Path.Combine(_folder, "request.tsq"), request, cancellationToken);
        await RunAsync("ts -reply -config ts.cnf -queryfile request.tsq -out response.tsr", _folder);
        return await File.ReadAllBytesAsync(Path.Combine(_folder, "response.tsr"), cancellationToken);
    }

    private static async Task RunAsync(string arguments, string folder)
    {
        var (exitCode, output) = await OpenSsl.RunAsync(arguments, folder);
        Assert.True(exitCode == 0, $"openssl {arguments}: {output}");
    }

    private static string Configuration(string usage, string certificateHash) => $"""
        [req]
        distinguished_name = name
        [name]
        [root]
        basicConstraints = critical,CA:TRUE
        keyUsage = critical,keyCertSign
        [certificate]
        basicConstraints = critical,CA:FALSE
        keyUsage = critical,digitalSignature
        extendedKeyUsage = {usage}
        [tsa]
        default_tsa = authority
        [authority]
        serial = serial
        crypto_device = builtin
        signer_cert = tsa.crt
        certs = root.crt
        signer_key = tsa.key
        signer_digest = sha256
        default_policy = 1.2.3.4.1
        digests = sha256
        ess_cert_id_alg = {certificateHash}
        """;
}
