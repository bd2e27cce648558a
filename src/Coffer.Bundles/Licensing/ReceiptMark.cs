namespace Coffer.Bundles;

/// <summary>What a ledger keeps of the last receipt of a grant, so that the next one follows it.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Digest">Its SHA-256, base64url.</param>
/// <param name="Total">The calls in all that it attests.</param>
/// <param name="At">Its end, Unix seconds.</param>
internal readonly record struct ReceiptMark(long Number, string Digest, long Total, long At);
