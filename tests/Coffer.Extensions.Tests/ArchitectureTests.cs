using System.Reflection;

namespace Coffer.Extensions.Tests;

public sealed class ArchitectureTests
{
    private static readonly Assembly Extensions = typeof(CofferBuilder).Assembly;

    [Fact]
    public void Assembly_PublicTypes_AreInOneNamespace() =>
        Assert.Equal(["Coffer.Extensions"], Extensions.GetExportedTypes().Select(type => type.Namespace!).Distinct());

    [Fact]
    public void Assembly_References_AreCofferTheFrameworkAndAbstractions() =>
        Assert.DoesNotContain(
            Extensions.GetReferencedAssemblies(),
            reference => reference.Name is not ("Coffer" or "Coffer.Bundles") && !reference.Name!.StartsWith("System.", StringComparison.Ordinal) && !reference.Name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal));
}
