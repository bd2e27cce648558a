using System.Globalization;
using Coffer.Keys.Pkcs11;

namespace Coffer.Tests;

/// <summary>
/// A token that several processes use. A token's login belongs to the process, so only a new one shows what a wrong PIN does.
/// Alone: SoftHSM fails whoever reads its files while another process makes keys.
/// </summary>
[Collection(nameof(Alone))]
public sealed class ProcessesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _name = Guid.NewGuid().ToString("N");

    public ProcessesTests()
    {
        _ = SoftHsm.Configuration;
        Pkcs11DeviceKey.Generate(SoftHsm.OptionsFor(_name) with { LedgerPath = Ledger }).Dispose();
    }

    private string Ledger => _folder.File("device.ledger");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Open_InTwoOtherProcesses_DerivesTheSameSecretAndSharesTheQuota()
    {
        var answers = await Task.WhenAll(AskAsync(SoftHsm.Pin), AskAsync(SoftHsm.Pin));

        using var device = Pkcs11DeviceKey.Open(SoftHsm.OptionsFor(_name) with { LedgerPath = Ledger });
        var secret = new byte[32];
        device.DeriveLocalSecret("label", secret);
        Assert.All(answers, answer => Assert.True(answer.StartsWith(Convert.ToHexString(secret) + " ", StringComparison.Ordinal), answer));

        // One process may hold calls when the other finds none left; what was returned is there for the next.
        var used = answers.Sum(answer => int.Parse(answer.Split(' ')[1], CultureInfo.InvariantCulture));
        Assert.Equal(TokenWorker.Quota, used + TokenWorker.Exhaust(device.Ledger!));
    }

    [Theory]
    [InlineData("wrong-4711")]
    [InlineData("")]
    public async Task Open_WrongPin_ThrowsAccessDeniedWithoutIt(string pin)
    {
        var answer = await AskAsync(pin);

        Assert.StartsWith("AccessDenied ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("4711", answer, StringComparison.Ordinal);
    }

    private async Task<string> AskAsync(string pin)
    {
        var result = _folder.File(Guid.NewGuid().ToString("N"));
        using var process = TokenWorker.Start(_name, pin, Ledger, result);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return await File.ReadAllTextAsync(result, TestContext.Current.CancellationToken);
    }
}
