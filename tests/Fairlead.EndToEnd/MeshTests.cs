namespace Fairlead.EndToEnd;

/// <summary>The tests that share one mesh, one after the other: it takes the machine's time once.</summary>
[CollectionDefinition(Name)]
public sealed class MeshTests : ICollectionFixture<Mesh>
{
    public const string Name = "mesh";
}
