namespace Coffer.Tests;

public sealed class RepositoryTests
{
    [Fact]
    public void Root_OfCheckout_HoldsSolution() => Assert.True(File.Exists(Repository.File("Sdk.sln")));
}
