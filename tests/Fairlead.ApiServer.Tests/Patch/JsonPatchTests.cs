using System.Text.Json.Nodes;
using Fairlead.ApiServer.Patch;
using Fairlead.ApiServer.Serving;

namespace Fairlead.ApiServer.Tests.Patch;

/// <summary>The operations of RFC 6902, appendix A.</summary>
public sealed class JsonPatchTests
{
    [Theory]
    [InlineData("""{"foo":"bar"}""", """[{"op":"add","path":"/baz","value":"qux"}]""", """{"foo":"bar","baz":"qux"}""")]
    [InlineData("""{"foo":["bar","baz"]}""", """[{"op":"add","path":"/foo/1","value":"qux"}]""", """{"foo":["bar","qux","baz"]}""")]
    [InlineData("""{"foo":["bar"]}""", """[{"op":"add","path":"/foo/-","value":["abc"]}]""", """{"foo":["bar",["abc"]]}""")]
    [InlineData("""{"baz":"qux","foo":"bar"}""", """[{"op":"remove","path":"/baz"}]""", """{"foo":"bar"}""")]
    [InlineData("""{"foo":["bar","qux","baz"]}""", """[{"op":"remove","path":"/foo/1"}]""", """{"foo":["bar","baz"]}""")]
    [InlineData("""{"baz":"qux","foo":"bar"}""", """[{"op":"replace","path":"/baz","value":"boo"}]""", """{"baz":"boo","foo":"bar"}""")]
    [InlineData("""{"foo":{"bar":"baz","waldo":"fred"},"qux":{}}""", """[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]""", """{"foo":{"bar":"baz"},"qux":{"thud":"fred"}}""")]
    [InlineData("""{"a/b":1,"m~n":2}""", """[{"op":"copy","from":"/a~1b","path":"/m~0n"}]""", """{"a/b":1,"m~n":1}""")]
    [InlineData("""{"baz":"qux"}""", """[{"op":"test","path":"/baz","value":"qux"},{"op":"add","path":"/ok","value":true}]""", """{"baz":"qux","ok":true}""")]
    public void An_operation_gives_what_the_rfc_says(string document, string patch, string expected) =>
        JsonNode.DeepEquals(JsonPatch.Apply(JsonNode.Parse(document)!, JsonNode.Parse(patch)!), JsonNode.Parse(expected)).ShouldBeTrue();

    [Theory]
    [InlineData("""[{"op":"test","path":"/baz","value":"bar"}]""")]
    [InlineData("""[{"op":"remove","path":"/none"}]""")]
    [InlineData("""[{"op":"add","path":"/none/deeper","value":1}]""")]
    [InlineData("""[{"op":"add","path":"/list/7","value":1}]""")]
    [InlineData("""[{"op":"spoil","path":"/baz"}]""")]
    public void An_operation_that_cannot_be_done_is_unprocessable(string patch) =>
        Should.Throw<Refusal>(() => JsonPatch.Apply(JsonNode.Parse("""{"baz":"qux","list":[]}""")!, JsonNode.Parse(patch)!)).Code.ShouldBe(422);
}
