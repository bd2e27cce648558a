using System.Formats.Asn1;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using Microsoft.Win32.SafeHandles;

namespace Coffer.Bundles;

/// <summary>
/// Has a timestamp authority (RFC 3161) confirm when a bundle was signed, so that the bundle outlives its signer's
/// certificate. Only the signature slot of the file is written, in place: work on a copy where a power cut in between would matter.
/// </summary>
/// <remarks>
/// The token must bind its authority's certificate with signing-certificate-v2 (RFC 5816). Of the authority's other
/// certificates only those are kept that it binds in the same way; what else stands between it and its root belongs into
/// the readers' trust store, see <see cref="TrustedPublisher.TimestampAuthorities"/>.
/// </remarks>
public static class BundleTimestamp
{
    /// <summary>Content type of a request (RFC 3161 §3.4).</summary>
    private const string QueryType = "application/timestamp-query";

    // More than any slot holds.
    private const int MaxResponseLength = 2 * BundleHeader.MaxSignatureCapacity;

    private const int NonceSize = 16;

    /// <summary>Asks an authority over HTTP (RFC 3161 §3.4).</summary>
    /// <param name="path">The bundle; a timestamp that it has already is replaced.</param>
    /// <param name="client">Makes the request; the caller disposes it.</param>
    /// <param name="authority">The authority's address.</param>
    /// <param name="cancellationToken">Stops before the file is touched.</param>
    /// <returns>The time that the authority gives, UTC.</returns>
    /// <exception cref="BundleException">The file is no bundle or can't be written, its slot is too small, or the response is refused.</exception>
    /// <exception cref="HttpRequestException">The authority can't be reached, or answers with an error.</exception>
    public static Task<DateTimeOffset> RequestAsync(string path, HttpClient client, Uri authority, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(authority);
        return AddAsync(path, (request, cancellation) => PostAsync(client, authority, request, cancellation), cancellationToken);
    }

    /// <summary>Asks an authority by any other way.</summary>
    /// <param name="path">The bundle; a timestamp that it has already is replaced.</param>
    /// <param name="respond">Takes a TimeStampReq in DER to the authority and gives its TimeStampResp.</param>
    /// <param name="cancellationToken">Stops before the file is touched.</param>
    /// <returns>The time that the authority gives, UTC.</returns>
    /// <exception cref="BundleException">The file is no bundle or can't be written, its slot is too small, or the response is refused.</exception>
    public static async Task<DateTimeOffset> AddAsync(string path, Func<ReadOnlyMemory<byte>, CancellationToken, Task<byte[]>> respond, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(respond);
        var (signature, offset, capacity) = ReadSlot(path);
        var request = CreateRequest(signature.Signature);
        var response = await respond(request.Encode(), cancellationToken).ConfigureAwait(false);
        var timestamp = ReadResponse(request, response);
        var time = TimestampVerifier.ReadTime(timestamp);
        var der = (signature with { Timestamp = timestamp }).Encode();
        var slot = SignatureSlot.TryEncode(der, capacity)
            ?? throw new BundleException(BundleError.LimitExceeded, BundleSection.Signature, $"The signature with its timestamp has {der.Length} bytes; the slot of '{path}' holds {capacity - sizeof(uint)}. Pack the bundle again with a larger {nameof(BundleDraft)}.{nameof(BundleDraft.SignatureCapacity)}.");
        cancellationToken.ThrowIfCancellationRequested();
        WriteSlot(path, slot, offset);
        return time;
    }

    private static (CmsSignature Signature, long Offset, int Capacity) ReadSlot(string path)
    {
        using var bundle = SignedBundle.Open(path);
        return (SignatureVerifier.Decode(bundle.SignatureBytes), bundle.SignedLength, bundle.SignatureCapacity);
    }

    // RFC 3161 appendix A: the imprint is over the value of the signature field.
    private static Rfc3161TimestampRequest CreateRequest(ReadOnlyMemory<byte> signature)
    {
        var nonce = RandomNumberGenerator.GetBytes(NonceSize);
        return Rfc3161TimestampRequest.CreateFromHash(SHA256.HashData(signature.Span), HashAlgorithmName.SHA256, nonce: nonce, requestSignerCertificates: true);
    }

    private static TimestampToken ReadResponse(Rfc3161TimestampRequest request, byte[] response)
    {
        try
        {
            // Status, nonce, imprint and the token's own signature.
            request.ProcessResponse(response, out _);

            // RFC 3161 §2.4.2: the token follows the status.
            var fields = new AsnReader(response, AsnEncodingRules.DER).ReadSequence();
            fields.ReadSequence();
            return TimestampToken.Decode(TimestampToken.FromAuthority(fields.ReadEncodedValue()).Encode());
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException or InvalidOperationException)
        {
            throw new BundleException(BundleError.TimestampInvalid, BundleSection.Signature, $"The timestamp authority's response is refused: {e.Message} The bundle is as it was; ask again, or ask another authority.", e);
        }
    }

    private static void WriteSlot(string path, byte[] slot, long offset)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            RandomAccess.Write(file, slot, offset);
            RandomAccess.FlushToDisk(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BundleException(BundleError.Unreadable, BundleSection.File, $"The bundle '{path}' can't be written: {e.Message}", e);
        }
    }

    private static async Task<byte[]> PostAsync(HttpClient client, Uri authority, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        using var content = new ReadOnlyMemoryContent(request);
        content.Headers.ContentType = new MediaTypeHeaderValue(QueryType);
        using var message = new HttpRequestMessage(HttpMethod.Post, authority) { Content = content };
        using var response = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        await response.Content.LoadIntoBufferAsync(MaxResponseLength, cancellationToken).ConfigureAwait(false);
        return await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
    }
}
