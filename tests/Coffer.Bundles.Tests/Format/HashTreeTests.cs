using System.Security.Cryptography;
using Coffer.Bundles;

namespace Coffer.Tests.Format;

public sealed class HashTreeTests
{
    // The reference inputs and roots of RFC 6962 implementations: eight leaves, the root of each prefix.
    private static readonly string[] Leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    private static readonly string[] Roots =
    [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    [Fact]
    public void Root_ReferenceLeaves_GivesReferenceRoots()
    {
        var table = new byte[Leaves.Length * HashTree.DigestSize];
        for (var i = 0; i < Leaves.Length; i++)
        {
            HashTree.HashLeaf(Convert.FromHexString(Leaves[i]), table.AsSpan(i * HashTree.DigestSize, HashTree.DigestSize));
            var root = new byte[HashTree.DigestSize];
            HashTree.Root(table.AsSpan(0, (i + 1) * HashTree.DigestSize), root);
            Assert.Equal(Roots[i], Convert.ToHexStringLower(root));
        }
    }

    [Fact]
    public void HashLeaf_Bytes_IsDomainSeparatedFromNodes() =>
        Assert.NotEqual(SHA256.HashData("abc"u8), Digest("abc"u8.ToArray()));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData((1 << 20) - 1)]
    [InlineData(1 << 20)]
    [InlineData((1 << 20) + 1)]
    [InlineData((3 << 20) + 16384)]
    public void LeafRange_AllLeaves_CoverTheMessageOnce(long plaintextLength)
    {
        var length = ChunkedAead.EncryptedLength(plaintextLength);
        var position = 0L;
        for (var leaf = 0L; leaf < HashTree.LeafCount(length); leaf++)
        {
            var range = HashTree.LeafRange(length, leaf);
            Assert.Equal(position, range.Offset);
            Assert.InRange(range.Length, 1, HashTree.MaxLeafSize);
            position += range.Length;
        }

        Assert.Equal(length, position);
    }

    private static byte[] Digest(byte[] leaf)
    {
        var digest = new byte[HashTree.DigestSize];
        HashTree.HashLeaf(leaf, digest);
        return digest;
    }
}
