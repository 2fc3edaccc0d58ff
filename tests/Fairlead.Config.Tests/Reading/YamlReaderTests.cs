using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.Config.Reading;

namespace Fairlead.Config.Tests.Reading;

public sealed class YamlReaderTests
{
    private static readonly YamlReader Reader = new();

    [Fact]
    public void Documents_are_read_with_the_place_of_every_field()
    {
        var documents = Reader.Read("""
            # first
            kind: A
            metadata:
              name: one
            spec:
              ports:
              - number: 80
              - number: 81
            ---
            ---
            kind: B
            """, "f.yaml");

        documents.Count.ShouldBe(2);
        documents[0].Find("spec.ports[1].number").ToString().ShouldBe("f.yaml:8:5");
        documents[0].Find("metadata.name").ToString().ShouldBe("f.yaml:4:3");
        documents[0].Find("spec.missing").ToString().ShouldBe("f.yaml:5:1");
        documents[1].Start.Line.ShouldBe(11);
    }

    [Theory]
    [InlineData("1", "1")]
    [InlineData("-7", "-7")]
    [InlineData("0x10", "16")]
    [InlineData("0o17", "15")]
    [InlineData("017", "15")]
    [InlineData("1_000", "1000")]
    [InlineData("1.5", "1.5")]
    [InlineData("yes", "true")]
    [InlineData("off", "false")]
    [InlineData("~", "null")]
    [InlineData("", "null")]
    [InlineData("'1'", "\"1\"")]
    [InlineData("3s", "\"3s\"")]
    [InlineData("1.2.3.4", "\"1.2.3.4\"")]
    [InlineData("2026-01-01", "\"2026-01-01\"")]
    [InlineData("!!str 1", "\"1\"")]
    [InlineData("y", "\"y\"")]
    public void Scalars_have_the_types_kubectl_gives_them(string yaml, string json) =>
        Reader.Read($"kind: A\nv: {yaml}\n", "").ShouldHaveSingleItem().Object!.Root["v"].ToJson().ShouldBe(json);

    [Fact]
    public void Anchors_and_merge_keys_are_resolved()
    {
        var root = Manifest.Read("kind: A\nbase: &b {x: 1, y: 2}\nuse: {<<: *b, y: 3}\nagain: *b\n").Root;

        root["use"].ToJson().ShouldBe("""{"y":3,"x":1}""");
        root["again"].ToJson().ShouldBe("""{"x":1,"y":2}""");
    }

    [Fact]
    public void A_list_is_unpacked() =>
        Reader.Read("apiVersion: v1\nkind: List\nitems:\n- kind: A\n- kind: B\n", "").Select(document => document.Object!.Kind).ShouldBe(["A", "B"]);

    [Fact]
    public void A_duplicate_key_is_a_fault_with_its_place()
    {
        var document = Reader.Read("kind: A\nspec:\n  a: 1\n  a: 2\n", "f").ShouldHaveSingleItem();

        document.Faults.ShouldHaveSingleItem().ToString().ShouldBe("f:4:3: duplicate field \"spec.a\"");
        document.DuplicateFields.ShouldBe(["spec.a"]);
        document.Object!.Root["spec"]!["a"]!.GetValue<long>().ShouldBe(2);
    }

    [Theory]
    [InlineData("a: [1\n", "invalid YAML")]
    [InlineData("a: *nowhere\n", "names no anchor")]
    [InlineData("just text\n", "must be a mapping")]
    [InlineData("? {a: b}\n: c\n", "a key must be text")]
    public void What_is_no_object_is_said_to_be_none(string yaml, string words)
    {
        var document = Reader.Read(yaml, "f").First(document => document.Object is null);

        document.Faults[0].Message.ShouldContain(words, Case.Insensitive);
        document.Faults[0].Position.Line.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void An_alias_bomb_is_refused()
    {
        var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 30; i++)
            bomb.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");

        Reader.Read(bomb.ToString(), "").ShouldHaveSingleItem().Faults[0].Message.ShouldContain("more than 1000000 values");
    }

    [Fact]
    public void A_huge_scalar_is_refused()
    {
        Reader.Read($"kind: A\nv: {new string('x', 3_000_000)}\n", "").ShouldHaveSingleItem().Faults[0].Message.ShouldContain("at most 2097152 are read");
        Reader.Read(new byte[65 * 1024 * 1024], "").ShouldHaveSingleItem().Faults[0].Message.ShouldContain("at most 67108864");
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    [InlineData("? ")]
    public void Depth_is_bounded(string opening) =>
        Reader.Read(string.Concat(Enumerable.Repeat(opening, 10_000)), "").ShouldHaveSingleItem().Faults[0].Message.ShouldContain("nested deeper");

    [Fact]
    public void Depth_by_indentation_is_bounded()
    {
        var text = new StringBuilder();
        for (var i = 0; i < 300; i++)
            text.Append(' ', i).Append("a:\n");

        Reader.Read(text.ToString(), "").ShouldHaveSingleItem().Faults[0].Message.ShouldContain("nested deeper than 128 levels");
    }

    [Fact]
    public void Invalid_utf8_is_refused_with_its_place()
    {
        byte[] bytes = [.. "kind: A\nv: "u8, 0xFF];

        Reader.Read(bytes, "f").ShouldHaveSingleItem().Faults[0].ToString().ShouldBe("f:2:4: invalid UTF-8; save the file as UTF-8");
    }

    [Fact]
    public void Json_is_read_too() =>
        Reader.Read("{\"kind\": \"A\", \"v\": [1, true, null, \"x\"]}", "").ShouldHaveSingleItem().Object!.Root["v"].ToJson().ShouldBe("[1,true,null,\"x\"]");

    [Fact]
    public void Mesh_settings_are_read_from_their_text()
    {
        var mesh = MeshConfig.Parse("outboundTrafficPolicy: {mode: REGISTRY_ONLY}\naccessLogFile: /dev/stdout\nconnectTimeout: 5s\ndefaultConfig: {proxyMetadata: {ISTIO_META_DNS_CAPTURE: 'true'}}\n", out var fault);

        fault.ShouldBeNull();
        mesh.OutboundTrafficMode.ShouldBe(OutboundTrafficMode.RegistryOnly);
        mesh.AccessLogFile.ShouldBe("/dev/stdout");
        mesh.ConnectTimeout.ShouldBe(TimeSpan.FromSeconds(5));
        mesh.DefaultConfig.ProxyMetadata["ISTIO_META_DNS_CAPTURE"].ShouldBe("true");
        MeshConfig.Parse("", out _).ShouldBe(MeshConfig.Default);
        MeshConfig.Parse("- a\n", out var wrong).ShouldBe(MeshConfig.Default);
        wrong.ShouldNotBeNull();
    }
}

file static class NodeText
{
    public static string ToJson(this JsonNode? node) => node?.ToJsonString(JsonText.Relaxed) ?? "null";
}
