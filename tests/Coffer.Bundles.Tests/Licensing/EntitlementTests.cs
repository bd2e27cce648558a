using Coffer.Bundles;

namespace Coffer.Tests.Licensing;

public sealed class EntitlementTests : IDisposable
{
    private readonly LicensingWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Begin_UntilExpiry_FollowsTheClock()
    {
        using var entitlement = _world.Authorize(_world.Request);
        Assert.Equal(2, entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local, 2).Units);

        _world.Clock.Advance(TimeSpan.FromDays(30) - TimeSpan.FromSeconds(1));
        var call = entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local);
        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(LicenseError.Expired, Assert.Throws<LicenseException>(() => entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local)).Error);
        Assert.Equal(LicenseError.Expired, Assert.Throws<LicenseException>(() => call.ContinueOn(ExecutionTarget.Local)).Error);
    }

    [Fact]
    public void Begin_OtherTaskOrTarget_Throws()
    {
        using var entitlement = _world.Authorize(_world.Request);
        Assert.Equal(LicenseError.TaskNotLicensed, Assert.Throws<LicenseException>(() => entitlement.Begin("text-generation", ExecutionTarget.Local)).Error);
        Assert.Equal(LicenseError.TargetNotLicensed, Assert.Throws<LicenseException>(() => entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Remote)).Error);
        Assert.Equal(LicenseError.TargetNotLicensed, Assert.Throws<LicenseException>(() => entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local).ContinueOn(ExecutionTarget.Remote)).Error);
        Assert.Throws<ArgumentOutOfRangeException>(() => entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local, 0));
    }

    [Fact]
    public void Begin_AnyTask_Allows()
    {
        using var entitlement = _world.Authorize(_world.Request with { Tasks = ["*"] });
        Assert.Equal(1, entitlement.Begin("anything", ExecutionTarget.Local).Units);
    }

    [Fact]
    public void Provider_Named_IsTheOnlyOneAllowed()
    {
        using var entitlement = _world.Authorize(_world.Request with { Providers = ["cpu"] });
        Assert.True(entitlement.AllowsProvider("CPU"));
        entitlement.RequireProvider("cpu");
        Assert.Equal(LicenseError.ProviderNotLicensed, Assert.Throws<LicenseException>(() => entitlement.RequireProvider("cuda")).Error);
    }

    [Fact]
    public void Begin_AfterDisposal_Throws()
    {
        var entitlement = _world.Authorize(_world.Request);
        entitlement.Dispose();
        entitlement.Dispose();
        Assert.Throws<ObjectDisposedException>(() => entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local));
        Assert.Throws<ObjectDisposedException>(() => entitlement.UnwrapKeys(_world.Device));
    }

    [Fact]
    public void Begin_ManyTimesWithinABlock_AllocatesNothing()
    {
        using var entitlement = _world.Authorize(_world.Request with { Calls = 100_000 });
        for (var i = 0; i < 100; i++)
        {
            _ = entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 800; i++)
        {
            _ = entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void ToString_OfEntitlementAndKeys_ShowsNothingSecret()
    {
        using var entitlement = _world.Authorize(_world.Request);
        using var keys = entitlement.UnwrapKeys(_world.Device);
        Assert.Equal($"Entitlement {entitlement.LicenseId} of customer-7 for acme/digits", entitlement.ToString());
        Assert.Equal("ContentKeys (redacted)", keys.ToString());
        Assert.DoesNotContain("eyJ", string.Join(' ', License.Parse(_world.Issue(_world.Request)).Claims.Keys), StringComparison.Ordinal);
    }
}
