using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Coffer.Bundles;
using Coffer.Testing;

namespace Coffer.Tests;

/// <summary>What must hold for the repository and its assemblies as a whole.</summary>
public sealed partial class RepositoryTests
{
    private static readonly string[] Generated = ["bin", "obj", ".git", "artifacts", "TestResults"];

    [Fact]
    public void Tree_AnyTextFile_HoldsNoPrivateKey()
    {
        var findings = Files()
            .Where(file => new FileInfo(file).Length < 1 << 20)
            .Where(file => PrivateKey().IsMatch(File.ReadAllText(file)))
            .Select(file => Path.GetRelativePath(Repository.Root, file))
            .ToList();

        Assert.Empty(findings);
    }

    [Fact]
    public void Tree_AnyFile_IsNoKeyFile() =>
        Assert.DoesNotContain(Files(), file => Path.GetExtension(file) is ".key" or ".pfx" or ".p12" or ".ledger");

    [Theory]
    [InlineData("-----BEGIN PRIVATE " + "KEY-----")]
    [InlineData("-----BEGIN EC PRIVATE " + "KEY-----")]
    [InlineData("\"d\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" + "AAAAAAAAAAA\"")]
    public void PrivateKeyPattern_PrivateKey_IsFound(string text) => Assert.Matches(PrivateKey(), text);

    // Users import few namespaces; a new one is a decision.
    [Fact]
    public void Assemblies_PublicTypes_AreInTheNamespacesOfTheirAssembly()
    {
        Assert.Equal(["Coffer", "Coffer.Bundles"], Namespaces(typeof(TrustStore).Assembly));
        Assert.Equal(["Coffer", "Coffer.Inference", "Coffer.Onnx", "Coffer.Tensors", "Coffer.Text", "Coffer.Vision"], Namespaces(typeof(ProtectedModel).Assembly));
        Assert.Equal(["Coffer.Testing"], Namespaces(typeof(FakeModelRunner).Assembly));
    }

    // The format and its licenses need no native code and no model runtime.
    [Fact]
    public void Bundles_References_AreTheFrameworkAndPkcsAlone() =>
        Assert.DoesNotContain(
            typeof(TrustStore).Assembly.GetReferencedAssemblies(),
            reference => !reference.Name!.StartsWith("System.", StringComparison.Ordinal) && reference.Name != "Microsoft.Win32.Primitives");

    [Fact]
    public void Dependencies_Each_HasItsReasonWrittenAboveIt()
    {
        var document = XDocument.Load(Repository.File("Directory.Packages.props"));

        var unexplained = document.Descendants("ItemGroup")
            .Where(group => group.FirstNode is not XComment)
            .Select(group => group.Attribute("Label")?.Value);

        Assert.Empty(unexplained);
    }

    // Secrets never reach the thread that prints: every public exception says what it was without an object's own text.
    [Fact]
    public void Exceptions_EachLeaf_CarriesAPublicEnum()
    {
        var leaves = new[] { typeof(TrustStore).Assembly, typeof(ProtectedModel).Assembly }
            .SelectMany(assembly => assembly.GetExportedTypes())
            .Where(type => type.IsSubclassOf(typeof(CofferException)))
            .ToList();

        Assert.NotEmpty(leaves);
        Assert.All(leaves, leaf => Assert.True(leaf.IsSealed && leaf.GetProperty("Error") is { PropertyType: { IsEnum: true, IsPublic: true } }, leaf.Name));
    }

    private static IEnumerable<string> Namespaces(Assembly assembly) =>
        assembly.GetExportedTypes().Select(type => type.Namespace!).Distinct().Order(StringComparer.Ordinal);

    private static IEnumerable<string> Files() =>
        Directory.EnumerateFiles(Repository.Root, "*", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(Repository.Root, file).Split(Path.DirectorySeparatorChar).Any(Generated.Contains));

    [GeneratedRegex("""BEGIN ([A-Z]+ )?PRIVATE KEY|"d" *: *"[A-Za-z0-9_-]{40,}""")]
    private static partial Regex PrivateKey();
}
