using Coffer.Text;

namespace Coffer.Tests.Text;

public sealed class TextRedactorTests
{
    private static readonly IReadOnlyList<RedactionCorpus.Line> Lines = RedactionCorpus.Read(Repository.File("tests", "Coffer.Tests", "Text", "Redaction", "corpus.txt"));

    private static readonly TextRedactor Redactor = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Redact_TheSameValueTwice_HasOnePlaceholder()
    {
        var redacted = Redactor.Redact("a@example.com, b@example.com, a@example.com");

        Assert.Equal("[EMAIL_1], [EMAIL_2], [EMAIL_1]", redacted.Text);
        Assert.Equal(new KeyValuePair<string, int>("email", 3), Assert.Single(redacted.Counts));
        Assert.Equal("Write to a@example.com, not to b@example.com or [EMAIL_3]!", redacted.Restore("Write to [EMAIL_1], not to [email_2] or [EMAIL_3]!"));
    }

    [Fact]
    public void Redact_TextThatHasPlaceholdersAlready_GivesOutOthers()
    {
        var redacted = Redactor.Redact("[EMAIL_1] is not a@example.com, and [EMAIL_2] neither");

        Assert.Equal("[EMAIL_1] is not [EMAIL_3], and [EMAIL_2] neither", redacted.Text);
        Assert.Equal("[EMAIL_1] is not a@example.com, and [EMAIL_2] neither", redacted.Restore(redacted.Text));
    }

    [Fact]
    public void Redact_NothingToRemove_IsTheSameText()
    {
        var text = "Nothing here, [really] not.";

        var redacted = Redactor.Redact(text);

        Assert.Same(text, redacted.Text);
        Assert.Empty(redacted.Counts);
        Assert.Equal("[EMAIL_1]", redacted.Restore("[EMAIL_1]"));
        Assert.Equal("", Redactor.Redact("").Text);
    }

    [Fact]
    public void Redact_OnlySomeKinds_LeavesTheOthers()
    {
        var redactor = new TextRedactor(new() { Kinds = [RedactionKinds.Iban] });

        Assert.Equal("a@example.com [IBAN_1]", redactor.Redact("a@example.com DE89 3704 0044 0532 0130 00").Text);
    }

    [Fact]
    public void Redact_OwnPattern_IsRemovedAndCounted()
    {
        var redactor = new TextRedactor(new() { Patterns = [new("customer-number", @"\bC-\d{6}\b")] });

        var redacted = redactor.Redact("Customer C-123456 wrote.");

        Assert.Equal("Customer [CUSTOMER_NUMBER_1] wrote.", redacted.Text);
        Assert.Equal("Customer C-123456 wrote.", redacted.Restore(redacted.Text));
        Assert.Contains("customer-number", redactor.Kinds);
    }

    [Fact]
    public void New_PatternThatBacktracks_IsRefused()
    {
        var error = Assert.Throws<ArgumentException>(() => new TextRedactor(new() { Patterns = [new("word", @"(?<=a)b")] }));
        Assert.Contains("'word'", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new TextRedactor(new() { Kinds = ["names"] }));
    }

    [Fact]
    public async Task RedactAsync_FinderOfNames_RemovesWhatItFinds()
    {
        var redactor = new TextRedactor(new() { Finders = [new Names("Jane Doe", "Jane")] });

        var redacted = await redactor.RedactAsync("Jane Doe (jane@example.com) and Jane", Token);

        Assert.Equal("[NAMES_1] ([EMAIL_1]) and [NAMES_2]", redacted.Text);
        Assert.Equal("Dear Jane Doe", redacted.Restore("Dear [NAMES_1]"));
        Assert.Throws<InvalidOperationException>(() => redactor.Redact("Jane"));
    }

    // A model may find less or more than a pattern does: nothing of either stays.
    [Fact]
    public async Task RedactAsync_FindsThatOverlap_AreRemovedAsOne()
    {
        var redactor = new TextRedactor(new() { Finders = [new Names("Doe jane@exam")] });

        Assert.Equal("Jane [NAMES_1]!", (await redactor.RedactAsync("Jane Doe jane@example.com!", Token)).Text.Replace("[EMAIL_1]", "[NAMES_1]", StringComparison.Ordinal));
    }

    [Fact]
    public void Redact_Replacement_StandsThereForGood()
    {
        var redactor = new TextRedactor(new() { Replacement = (kind, value) => $"<{kind}:{value.Length}>" });

        var redacted = redactor.Redact("Write to a@example.com.");

        Assert.Equal("Write to <email:13>.", redacted.Text);
        Assert.Equal("<email:13>", redacted.Restore("<email:13>"));
    }

    [Fact]
    public void ToString_RedactedText_HoldsNothingOfIt()
    {
        var redacted = Redactor.Redact("a@example.com 4111 1111 1111 1111");

        Assert.Equal("RedactedText of 18 characters, removed: card 1, email 1", redacted.ToString());
    }

    [Fact]
    public void Redact_UserAndHostOfAnAddress_RemovesOnlyTheUser()
    {
        Assert.Equal("https://[URL_CREDENTIALS_1]@host.example.com/x", Redactor.Redact("https://me:secret@host.example.com/x").Text);
        Assert.Equal("[EMAIL_1] https://[URL_CREDENTIALS_1]@h.example.com [EMAIL_2]", Redactor.Redact("a@b.de https://u:p@h.example.com c@d.de").Text);
    }

    // In one byte each: every card, iban and id of the corpus with a digit changed is no longer one, but for what has no check digit.
    [Theory]
    [InlineData("card")]
    [InlineData("iban")]
    public void Redact_OneDigitWrong_IsNotFoundAsThat(string kind)
    {
        var values = Lines.SelectMany(line => line.Marked.Where(span => span.Kind == kind).Select(span => line.Text.Substring(span.Start, span.Length))).ToList();
        Assert.NotEmpty(values);
        foreach (var value in values)
        {
            for (var i = 0; i < value.Length; i++)
            {
                if (char.IsAsciiDigit(value[i]))
                {
                    var wrong = value.Remove(i, 1).Insert(i, ((value[i] - '0' + 1) % 10).ToString(System.Globalization.CultureInfo.InvariantCulture));
                    Assert.DoesNotContain(Redactor.Find(wrong), span => span.Kind == kind && span.Length == wrong.Length);
                }
            }
        }
    }

    // Whatever comes: no exception, spans within the text and apart, and everything comes back.
    [Fact]
    public void Redact_RandomTexts_ComeBack()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        const string Alphabet = "0123456789012345678901234567890123456789 +-./():@[]_abcDEFXYZé://@?=&tokenkey\u00a0\u0660\uff11\n\ud83d";
        for (var round = 0; round < 20_000; round++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(60)).Select(_ => Alphabet[random.Next(Alphabet.Length)])]);
            var end = 0;
            foreach (var span in Redactor.Find(text))
            {
                Assert.True(span.Start >= end && span.Length > 0 && span.End <= text.Length, $"seed {seed}: {text}");
                end = span.End;
            }

            var redacted = Redactor.Redact(text);
            Assert.True(text == redacted.Restore(redacted.Text), $"seed {seed}: {text}");
        }
    }

    // What takes a pattern matcher with backtracking minutes. Timing is measured elsewhere; here they end.
    [Theory]
    [InlineData("a@")]
    [InlineData("@")]
    [InlineData("a")]
    [InlineData("1")]
    [InlineData("1 ")]
    [InlineData("1-")]
    [InlineData("+")]
    [InlineData("(1")]
    [InlineData(":")]
    [InlineData("1:")]
    [InlineData("a://")]
    [InlineData("://a?")]
    [InlineData("[")]
    [InlineData("[A_1]")]
    [InlineData("DE")]
    [InlineData("DE89 ")]
    [InlineData("tel ")]
    [InlineData("tel 1234567 ")]
    public void Redact_AQuarterOfAMillionOfOneThing_Ends(string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, (1 << 18) / piece.Length));

        var redacted = Redactor.Redact(text);

        Assert.Equal(text, redacted.Restore(redacted.Text));
    }

    private sealed class Names(params string[] names) : ITextSpanFinder
    {
        public IReadOnlyList<string> Kinds => [RedactionKinds.Names];

        public ValueTask<IReadOnlyList<RedactionSpan>> FindAsync(string text, CancellationToken cancellationToken = default) => ValueTask.FromResult<IReadOnlyList<RedactionSpan>>(
        [
            .. names.SelectMany(name => Enumerable.Range(0, text.Length).Where(at => text.AsSpan(at).StartsWith(name, StringComparison.Ordinal)).Select(at => new RedactionSpan(at, name.Length, RedactionKinds.Names))),
        ]);
    }
}
