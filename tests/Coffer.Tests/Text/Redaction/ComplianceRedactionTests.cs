using Coffer.Text;
using Microsoft.Extensions.Compliance.Redaction;

namespace Coffer.Tests.Text;

/// <summary>Redactors of Microsoft.Extensions.Compliance.Redaction say what stands in the place of a value.</summary>
public sealed class ComplianceRedactionTests
{
    [Fact]
    public void Redact_ErasingRedactor_LeavesNothing()
    {
        var redactor = new TextRedactor(new() { Replacement = (_, value) => ErasingRedactor.Instance.Redact(value) });

        var redacted = redactor.Redact("Write to <jane@example.com>.");

        Assert.Equal("Write to <>.", redacted.Text);
        Assert.Equal(1, redacted.Counts["email"]);
    }

    [Fact]
    public void Redact_ARedactorForEachKind_IsAskedForItsOwn()
    {
        Redactor stars = new Stars();
        var redactor = new TextRedactor(new() { Replacement = (kind, value) => kind == RedactionKinds.Card ? stars.Redact(value) : ErasingRedactor.Instance.Redact(value) });

        Assert.Equal("***************, ", redactor.Redact("378282246310005, jane@example.com").Text);
    }

    private sealed class Stars : Redactor
    {
        public override int GetRedactedLength(ReadOnlySpan<char> input) => input.Length;

        public override int Redact(ReadOnlySpan<char> source, Span<char> destination)
        {
            destination[..source.Length].Fill('*');
            return source.Length;
        }
    }
}
