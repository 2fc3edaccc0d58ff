using Fairlead.Config.Kinds;
using Fairlead.Config.Schemas;

namespace Fairlead.Config.Tests.Schemas;

public sealed class SchemaTableTests
{
    [Fact]
    public void Every_served_kind_and_version_has_a_schema()
    {
        foreach (var kind in KindTable.All)
        {
            foreach (var version in kind.Versions)
                SchemaTable.Find(kind.Group, version, kind.Kind).ShouldNotBeNull($"{kind.Group}/{version} {kind.Kind}");
        }
    }

    [Fact]
    public void Json_names_are_unique_in_each_object_once_inline_fields_are_flattened()
    {
        foreach (var schema in SchemaTable.Objects)
            schema.ByName.Count.ShouldBeGreaterThanOrEqualTo(schema.Fields.Count(item => !item.IsInline), schema.FullName);
    }

    [Fact]
    public void Inline_fields_stand_in_their_parents_place_in_json_and_apart_in_protobuf()
    {
        var volume = SchemaTable.Find("", "v1", "Pod")!.Root.ByName["spec"].Object!.ByName["volumes"].Object!;

        volume.ByName.ContainsKey("configMap").ShouldBeTrue();
        volume.ByName.ContainsKey("volumeSource").ShouldBeFalse();
        volume.ByNumber[2].IsInline.ShouldBeTrue();
    }

    [Fact]
    public void Merge_keys_are_those_kubectl_uses()
    {
        var pod = SchemaTable.Find("", "v1", "Pod")!.Root.ByName["spec"].Object!;
        var ports = SchemaTable.Find("", "v1", "Service")!.Root.ByName["spec"].Object!.ByName["ports"];

        pod.ByName["containers"].PatchMergeKey.ShouldBe("name");
        pod.ByName["volumes"].PatchStrategy.ShouldBe("merge,retainKeys");
        pod.ByName["containers"].Object!.ByName["volumeMounts"].PatchMergeKey.ShouldBe("mountPath");
        ports.PatchMergeKey.ShouldBe("port");
        ports.ListMapKeys.ShouldBe(["port", "protocol"]);
    }

    [Fact]
    public void Field_numbers_are_those_of_the_protobuf_form()
    {
        var meta = SchemaTable.Find("", "v1", "ConfigMap")!.Root;

        meta.ByName["metadata"].Object!.ByName["labels"].Number.ShouldBe(11);
        meta.ByName["data"].Number.ShouldBe(2);
    }

    [Theory]
    [InlineData("", "v1", "DeleteOptions")]
    [InlineData("authorization.k8s.io", "v1", "SelfSubjectAccessReview")]
    [InlineData("policy", "v1", "Eviction")]
    [InlineData("autoscaling", "v1", "Scale")]
    public void Bodies_of_subresources_have_schemas(string group, string version, string kind) =>
        SchemaTable.Find(group, version, kind).ShouldNotBeNull();
}
