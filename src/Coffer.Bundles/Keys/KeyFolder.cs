using System.Security.Cryptography;
using System.Text;

namespace Coffer.Bundles;

/// <summary>
/// A folder of keys; what <c>coffer keys init</c> makes. A small vendor is publisher, license issuer and first device at once
/// and has all of it; others have a folder for each:
/// <list type="bullet">
/// <item><c>root.key</c> belongs into a safe; it is needed only to issue another signing certificate, and for the first issuer set.</item>
/// <item><c>publisher.key</c>, <c>publisher.crt</c>, <c>content/</c>: signs bundles, wraps content keys.</item>
/// <item><c>issuer.key</c>, <c>issuer.jwk</c>, <c>grants/</c>: issues licenses under the publisher's grants. Where the issuer is
/// not the publisher, also <c>issuers/NAME.jwk</c>, which says its name, and copies of <c>publisher.crt</c> and <c>trust/</c>.</item>
/// <item><c>issuers.key</c>, made with the first issuer set: signs the next ones.</item>
/// <item><c>device.key</c>, <c>device.ledger</c>, <c>device.jwk</c>: this machine as a device.</item>
/// <item><c>trust/</c>: the public anchors that an application ships.</item>
/// </list>
/// </summary>
public sealed class KeyFolder
{
    private const int MaxRootKeyLength = 16 << 10;

    private KeyFolder(string path, string publisher, string issuer, ReadOnlyMemory<char> passphrase)
    {
        Path = path;
        Publisher = publisher;
        Issuer = issuer;
        Passphrase = passphrase;
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The publisher's name.</summary>
    public string Publisher { get; }

    /// <summary>The license issuer's name: the publisher's, unless <see cref="CreateIssuer"/> gave it another.</summary>
    public string Issuer { get; }

    /// <summary>The public anchors: what <see cref="TrustStore.FromDirectory"/> reads.</summary>
    public string TrustPath => File("trust");

    /// <summary>What the folder's private keys are under; empty for nothing.</summary>
    internal ReadOnlyMemory<char> Passphrase { get; }

    /// <summary>The device's private key.</summary>
    public string DeviceKeyPath => File("device.key");

    /// <summary>The device's public side.</summary>
    public string DevicePath => File("device.jwk");

    /// <summary>Makes all keys. Nothing is overwritten.</summary>
    /// <param name="path">The folder; made if it is not there.</param>
    /// <param name="publisher">The publisher's name: 1 to 64 of a-z, 0-9, '.', '_', '-'.</param>
    /// <param name="clock">For the certificates' times; null for the system's.</param>
    /// <param name="passphrase">For every private key file; the caller may clear it when the folder is no longer used. Empty, the default: none.</param>
    /// <exception cref="ArgumentException">The name is not allowed.</exception>
    /// <exception cref="KeyException">A key is already there (<see cref="KeyError.AlreadyExists"/>).</exception>
    public static KeyFolder Create(string path, string publisher, TimeProvider? clock = null, ReadOnlyMemory<char> passphrase = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!BundleNames.IsName(publisher))
        {
            throw new ArgumentException($"'{publisher}' is not a publisher's name: 1 to 64 of a-z, 0-9, '.', '_', '-', beginning and ending with a letter or digit.", nameof(publisher));
        }

        var folder = new KeyFolder(path, publisher, issuer: publisher, passphrase);
        if (Directory.Exists(folder.TrustPath))
        {
            throw new KeyException(KeyError.AlreadyExists, $"'{path}' already holds keys, and keys are never overwritten. Choose another folder, or move the old one away.");
        }

        folder.CreatePublisher(clock);
        WritePublic(folder.File("trust", publisher, "issuers", publisher + ".jwk"), folder.CreateIssuerKey().SigningKey.ToJson());
        _ = CreateDevice(path, passphrase);
        return folder;
    }

    /// <summary>
    /// Makes the keys of a license issuer who is not the publisher. To issue, it needs from each publisher its grants, its
    /// <c>publisher.crt</c> and its trust folder: <see cref="Open"/> reads the name of the publisher there.
    /// </summary>
    /// <param name="path">The folder; made if it is not there.</param>
    /// <param name="issuer">The issuer's name: letters, digits, dots, dashes and underscores, at most 96.</param>
    /// <param name="passphrase">For <c>issuer.key</c>. Empty, the default: none.</param>
    /// <returns>The public side, which a publisher grants content keys to.</returns>
    /// <exception cref="ArgumentException">The name is not allowed.</exception>
    /// <exception cref="KeyException">An issuer's key is already there (<see cref="KeyError.AlreadyExists"/>).</exception>
    public static Recipient CreateIssuer(string path, string issuer, ReadOnlyMemory<char> passphrase = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!ContentKeyId.IsName(issuer))
        {
            throw new ArgumentException($"'{CompactToken.Shown(issuer)}' is not an issuer's name: letters, digits, dots, dashes and underscores, at most 96.", nameof(issuer));
        }

        var folder = new KeyFolder(path, publisher: "", issuer, passphrase);
        CreatePrivateFolder(path);
        CreatePrivateFolder(folder.File("grants"));
        var recipient = folder.CreateIssuerKey();
        Directory.CreateDirectory(folder.File("issuers"));
        Directory.CreateDirectory(folder.TrustPath);
        WritePublic(folder.File("issuers", issuer + ".jwk"), recipient.SigningKey.ToJson());
        return recipient;
    }

    /// <summary>Makes the key and the ledger of a device, and its public file <c>device.jwk</c>.</summary>
    /// <param name="path">The folder; made if it is not there.</param>
    /// <param name="passphrase">For <c>device.key</c>. Empty, the default: none.</param>
    /// <returns>The public side, which licenses are made for.</returns>
    /// <exception cref="KeyException">A device's key or ledger is already there (<see cref="KeyError.AlreadyExists"/>).</exception>
    public static Recipient CreateDevice(string path, ReadOnlyMemory<char> passphrase = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var folder = new KeyFolder(path, publisher: "", issuer: "", passphrase);
        CreatePrivateFolder(path);
        using var device = FileDeviceKey.Create(folder.DeviceKeyPath, passphrase.Span);
        device.Recipient.Save(folder.DevicePath);
        return device.Recipient;
    }

    /// <summary>Opens a folder that <see cref="Create"/> made, or <see cref="CreateIssuer"/> with a publisher's trust folder copied into it.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="passphrase">Of its private key files; the caller may clear it when the folder is no longer used. Empty, the default: they have none.</param>
    /// <exception cref="KeyException">It is not one, or has the trust of no publisher or of several (<see cref="KeyError.NotFound"/>).</exception>
    public static KeyFolder Open(string path, ReadOnlyMemory<char> passphrase = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var publishers = NamesIn(System.IO.Path.Combine(path, "trust"), Directory.GetDirectories);
        if (publishers.Length != 1)
        {
            throw new KeyException(KeyError.NotFound, System.IO.File.Exists(System.IO.Path.Combine(path, "issuer.key"))
                ? $"The issuer's folder '{path}' trusts {publishers.Length} publishers, and it is for one. Copy the content of the publisher's 'trust' folder into its own."
                : $"'{path}' is not a key folder: it has no 'trust' folder with one publisher. 'coffer keys init' makes one.");
        }

        var publisher = System.IO.Path.GetFileName(publishers[0]);
        var issuers = NamesIn(System.IO.Path.Combine(path, "issuers"), folder => Directory.GetFiles(folder, "*.jwk"));
        return issuers.Length <= 1
            ? new KeyFolder(path, publisher, issuers.Length == 1 ? System.IO.Path.GetFileNameWithoutExtension(issuers[0]) : publisher, passphrase)
            : throw new KeyException(KeyError.NotFound, $"'{path}' has {issuers.Length} files in 'issuers', and the name of the one there is the issuer's. Move the others away.");
    }

    /// <summary>The publisher's key. The caller disposes it.</summary>
    /// <exception cref="KeyException">It can't be read.</exception>
    public KeyFile OpenPublisherKey() => KeyFile.Load(File("publisher.key"), Passphrase.Span);

    /// <summary>Signs bundles with the publisher's key, which must outlive the signer.</summary>
    /// <exception cref="KeyException">The certificate can't be read, or is for another key.</exception>
    public BundleSigner CreateSigner(KeyFile publisher)
    {
        ArgumentNullException.ThrowIfNull(publisher);
        var chain = PublisherCertificateFile.Load(File("publisher.crt"));
        return new BundleSigner(publisher.Signer, chain[0], chain.Skip(1));
    }

    /// <summary>The publisher's content keys.</summary>
    public ContentKeyStore OpenContentKeys(IDeviceKey publisher) => new(File("content"), publisher);

    /// <summary>
    /// The ids of a model's content keys, newest generation. Where there are none they are made, and granted to the issuer of
    /// this folder.
    /// </summary>
    /// <param name="model">The model's name without its publisher.</param>
    /// <param name="publisher">The publisher's key.</param>
    /// <param name="clock">For the grants; null for the system's.</param>
    public IReadOnlyDictionary<PartGroup, string> ContentKeysFor(string model, IDeviceKey publisher, TimeProvider? clock = null)
    {
        var store = OpenContentKeys(publisher);
        var issuer = Recipient.Load(File("issuer.jwk"));
        return Enum.GetValues<PartGroup>().ToDictionary(
            group => group,
            group => store.Latest(model, group) ?? GenerateAndGrant(store, model, group, issuer, clock));
    }

    /// <summary>
    /// The ids of a new generation of a model's content keys, granted to the issuer of this folder: who holds the old ones opens
    /// nothing that is packed from here on.
    /// </summary>
    /// <param name="model">The model's name without its publisher.</param>
    /// <param name="publisher">The publisher's key.</param>
    /// <param name="clock">For the grants; null for the system's.</param>
    public IReadOnlyDictionary<PartGroup, string> NewContentKeysFor(string model, IDeviceKey publisher, TimeProvider? clock = null)
    {
        var store = OpenContentKeys(publisher);
        var issuer = Recipient.Load(File("issuer.jwk"));
        return Enum.GetValues<PartGroup>().ToDictionary(group => group, group => GenerateAndGrant(store, model, group, issuer, clock));
    }

    /// <summary>The issuer's key. The caller disposes it.</summary>
    /// <exception cref="KeyException">It can't be read.</exception>
    public KeyFile OpenIssuerKey() => KeyFile.Load(File("issuer.key"), Passphrase.Span);

    /// <summary>
    /// The publisher's grants to the issuer, each with the publisher's signature checked. The certificate that checks it is
    /// believed only where it chains to one of the publisher's roots in <see cref="TrustPath"/>.
    /// </summary>
    /// <param name="clock">For the certificate's times; null for the system's.</param>
    /// <exception cref="KeyException">
    /// <see cref="KeyError.Untrusted"/>: the certificate does not chain to a root. <see cref="KeyError.Malformed"/>: a grant is
    /// not signed by the publisher. <see cref="KeyError.NotFound"/>: no certificate.
    /// </exception>
    public IReadOnlyList<KeyGrant> OpenGrants(TimeProvider? clock = null)
    {
        var trusted = TrustStore.FromDirectory(TrustPath, clock).Publishers[Publisher];
        var grants = KeyGrant.FromDirectory(File("grants"), PublisherCertificateFile.LoadTrustedKey(File("publisher.crt"), trusted, (clock ?? TimeProvider.System).GetUtcNow()));
        return grants.All(grant => grant.Publisher == Publisher)
            ? grants
            : throw new KeyException(KeyError.Malformed, $"A grant in '{File("grants")}' is in the name of another publisher than '{Publisher}'. Remove it, and ask the publisher for a new one.");
    }

    /// <summary>The root's private key, on P-256. The caller disposes it.</summary>
    /// <exception cref="KeyException">It can't be read.</exception>
    public ECDsa OpenRootKey()
    {
        var pem = KeyStorage.ReadPrivate(File("root.key"), MaxRootKeyLength, "The root's key is kept apart: bring it back for as long as it is needed.");
        var text = GC.AllocateArray<char>(pem.Length, pinned: true);
        var key = ECDsa.Create();
        try
        {
            _ = Encoding.ASCII.GetChars(pem, text);
            if (Passphrase.IsEmpty)
            {
                key.ImportFromPem(text);
            }
            else
            {
                key.ImportFromEncryptedPem(text, Passphrase.Span);
            }

            return key;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            // No cause is attached: it may quote the file.
            key.Dispose();
            throw new KeyException(KeyError.Malformed, $"'{File("root.key")}' is not a private key in PKCS#8 PEM{(Passphrase.IsEmpty ? "" : " under this passphrase")}. Give the passphrase that it was made with, or restore it from its backup.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pem);
            Array.Clear(text);
        }
    }

    /// <summary>
    /// Signs the next version of the publisher's issuer set and writes it behind those that its file holds. Where there is no file,
    /// <c>root.key</c> signs version 1, of the issuers in <see cref="TrustPath"/>, and <c>issuers.key</c> is made, which signs the next.
    /// </summary>
    /// <param name="path">The file of all versions.</param>
    /// <param name="edit">Gets the terms of the version before, and gives those of the next.</param>
    /// <param name="rotate">Whether a new <c>issuers.key</c> is made for the versions after this one; the old one is kept as <c>issuers.VERSION.key</c>.</param>
    /// <param name="clock">For <c>iat</c>; the system's where null.</param>
    /// <param name="cancellationToken">Leaves the file as it was.</param>
    /// <returns>The file as it was written.</returns>
    /// <exception cref="KeyException">A key can't be read, or has signed a file that is not at <paramref name="path"/>.</exception>
    /// <exception cref="TrustException">The file, or what would become of it, is not one that an application accepts after those in <see cref="TrustPath"/>.</exception>
    /// <exception cref="ArgumentException">The terms make no issuer set, or the first version is to be rotated.</exception>
    public Task<IssuerSetFile> PublishIssuersAsync(string path, Func<IssuerSetDraft, IssuerSetDraft> edit, bool rotate = false, TimeProvider? clock = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(edit);
        return new IssuerSetPublication(this, path, clock ?? TimeProvider.System).PublishAsync(edit, rotate, cancellationToken);
    }

    /// <summary>The folder's path.</summary>
    public override string ToString() => $"KeyFolder {Path} of {Publisher}";

    private void CreatePublisher(TimeProvider? clock)
    {
        CreatePrivateFolder(Path);
        CreatePrivateFolder(File("content"));
        CreatePrivateFolder(File("grants"));
        // P-256 as every other key of a model: a chain is as strong as its weakest key, and opening a model verifies two of the root's signatures.
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        KeyStorage.CreatePrivate(File("root.key"), Encoding.ASCII.GetBytes(RootPem(rootKey) + "\n"));
        using var publisher = KeyFile.Create(File("publisher.key"), Passphrase.Span);
        using var root = PublisherCertificates.CreateRoot(Publisher, rootKey, clock: clock);
        using var signer = PublisherCertificates.IssueSigner(Publisher, publisher.Signer, root, rootKey, clock: clock);
        WritePublic(File("publisher.crt"), signer.ExportCertificatePem());
        Directory.CreateDirectory(File("trust", Publisher, "issuers"));
        WritePublic(File("trust", Publisher, "root.crt"), root.ExportCertificatePem());
    }

    // RFC 8018 PBES2: OpenSSL opens it.
    private string RootPem(ECDsa key) => Passphrase.IsEmpty
        ? key.ExportPkcs8PrivateKeyPem()
        : key.ExportEncryptedPkcs8PrivateKeyPem(Passphrase.Span, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, PassphraseProtection.DefaultIterations));

    private Recipient CreateIssuerKey()
    {
        using var issuer = KeyFile.Create(File("issuer.key"), Passphrase.Span);
        issuer.Recipient.Save(File("issuer.jwk"));
        return issuer.Recipient;
    }

    private string GenerateAndGrant(ContentKeyStore store, string model, PartGroup group, Recipient issuer, TimeProvider? clock)
    {
        var id = store.Generate(model, group);
        KeyGrant.Create(Publisher, store, id, Issuer, issuer, clock).Save(File("grants"));
        return id;
    }

    private static string[] NamesIn(string folder, Func<string, string[]> list) => Directory.Exists(folder) ? list(folder) : [];

    private static void CreatePrivateFolder(string path) => _ = OperatingSystem.IsWindows()
        ? Directory.CreateDirectory(path)
        : Directory.CreateDirectory(path, KeyStorage.Private | UnixFileMode.UserExecute);

    private static void WritePublic(string path, string text) => System.IO.File.WriteAllText(path, text + "\n");

    private string File(params string[] segments) => System.IO.Path.Combine([Path, .. segments]);
}
