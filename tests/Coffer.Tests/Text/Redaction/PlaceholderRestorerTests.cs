using Coffer.Text;

namespace Coffer.Tests.Text;

public sealed class PlaceholderRestorerTests
{
    private static readonly RedactedText Redacted = new TextRedactor().Redact("a@example.com b@example.com");

    [Fact]
    public void Next_AnyCutOfAnAnswer_GivesTheWholeRestored()
    {
        const string Answer = "[x] Ask [EMAIL_1] or [EMAIL_2], [[EMAIL_1]] and [EMAIL_9] [";
        const string Expected = "[x] Ask a@example.com or b@example.com, [a@example.com] and [EMAIL_9] [";
        for (var first = 0; first <= Answer.Length; first++)
        {
            for (var second = first; second <= Answer.Length; second++)
            {
                var restorer = Redacted.CreateRestorer();

                var restored = restorer.Next(Answer[..first]) + restorer.Next(Answer[first..second]) + restorer.Next(Answer[second..]) + restorer.End();

                Assert.Equal(Expected, restored);
            }
        }
    }

    [Fact]
    public void Next_TextWithoutAPlaceholder_HoldsNothingBack()
    {
        var restorer = Redacted.CreateRestorer();

        Assert.Equal("Hello ", restorer.Next("Hello "));
        Assert.Equal("", restorer.Next("[EMA"));
        Assert.Equal("a@example.com", restorer.Next("IL_1]"));
        Assert.Equal("[" + new string('x', 100), restorer.Next("[" + new string('x', 100)));
        Assert.Equal("", restorer.End());
    }
}
