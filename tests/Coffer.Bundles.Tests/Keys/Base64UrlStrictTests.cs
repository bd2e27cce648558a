using System.Text;
using Coffer.Bundles;

namespace Coffer.Tests.Keys;

public sealed class Base64UrlStrictTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("AA", "00")]
    [InlineData("_-8", "FFEF")]
    [InlineData("AAAA", "000000")]
    public void Decode_CanonicalText_GivesBytes(string text, string hex) => Assert.Equal(Convert.FromHexString(hex), Base64UrlStrict.Decode(text));

    [Theory]
    [InlineData("A")]
    [InlineData("AAAAA")]
    [InlineData("A A")]
    [InlineData(" AA")]
    [InlineData("AA\n")]
    [InlineData("AA==")]
    [InlineData("AB")]
    [InlineData("AAB")]
    [InlineData("A+8")]
    [InlineData("A/8")]
    [InlineData("AÄ")]
    public void Decode_SecondSpelling_Throws(string text) => Assert.Throws<FormatException>(() => Base64UrlStrict.Decode(text));

    [Fact]
    public void Decode_EveryThreeCharacterText_ReencodesToItselfOrThrows()
    {
        const string Characters = "ABcz019-_+/= \n.";
        foreach (var text in from a in Characters from b in Characters from c in Characters select $"{a}{b}{c}")
        {
            try
            {
                Assert.Equal(text, Base64UrlStrict.Encode(Base64UrlStrict.Decode(text)));
            }
            catch (FormatException)
            {
                Assert.False(text.All(ch => char.IsAsciiLetterOrDigit(ch) || ch is '-' or '_') && IsCanonical(text), text);
            }
        }

        static bool IsCanonical(string text) => Base64UrlStrict.Encode(Convert.FromBase64String(text.Replace('-', '+').Replace('_', '/') + "=")) == text;
    }

    [Fact]
    public void TryDecode_DestinationTooShort_SaysNo() => Assert.False(Base64UrlStrict.TryDecode(Encoding.ASCII.GetBytes("AAAA"), new byte[2], out _));
}
