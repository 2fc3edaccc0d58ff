using System.Text.Json.Nodes;
using Fairlead.ApiServer.Authn;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Schemas;
using Fairlead.ApiServer.Serving;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Tests.Schemas;

/// <summary>Bodies of Istio's kinds: what they do not have is refused, warned of or passed over, and never stored; what their schema refuses is a 422.</summary>
public sealed class CustomKindBodyTests
{
    private const string Misspelt = """{"metadata":{"name":"a"},"spec":{"hosts":["a.com"],"host":["b.com"],"ports":[{"number":80,"name":"http","protocl":"HTTP"}]}}""";

    [Fact]
    public void Strict_refuses_with_what_was_probably_meant() =>
        Refused(Misspelt, FieldValidation.Strict).ShouldBe((400, "ServiceEntry in version \"v1\" cannot be handled as a ServiceEntry: strict decoding error: "
            + "unknown field \"spec.host\"; did you mean \"spec.hosts\"?, unknown field \"spec.ports[0].protocl\"; did you mean \"spec.ports[0].protocol\"?"));

    [Fact]
    public void Warn_warns_and_drops()
    {
        var request = Request(FieldValidation.Warn);
        var body = Parse(Misspelt);
        StrictDecoder.Check(request, body, []);
        request.Warnings.ShouldBe(["unknown field \"spec.host\"; did you mean \"spec.hosts\"?", "unknown field \"spec.ports[0].protocl\"; did you mean \"spec.ports[0].protocol\"?"]);
        body.ToJsonString().ShouldBe("""{"metadata":{"name":"a"},"spec":{"hosts":["a.com"],"ports":[{"number":80,"name":"http"}]}}""");
    }

    [Fact]
    public void Ignore_drops_in_silence()
    {
        var request = Request(FieldValidation.Ignore);
        var body = Parse(Misspelt);
        StrictDecoder.Check(request, body, ["spec.x"]);
        request.Warnings.ShouldBeEmpty();
        body["spec"]!.AsObject().ContainsKey("host").ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"spec":{"hosts":["a.com"],"location":"MESH_EXTRNAL"}}""", "FieldValueNotSupported",
        "spec.location: Unsupported value: \"MESH_EXTRNAL\": supported values: \"MESH_EXTERNAL\", \"MESH_INTERNAL\"; did you mean \"MESH_EXTERNAL\"?")]
    [InlineData("""{"spec":{"hosts":"a.com"}}""", "FieldValueTypeInvalid", "spec.hosts: Invalid value: \"string\": spec.hosts in body must be of type array: \"string\"")]
    [InlineData("""{"spec":{"ports":[]}}""", "FieldValueRequired", "spec.hosts: Required value")]
    [InlineData("""{}""", "FieldValueRequired", "spec: Required value")]
    public void What_the_schema_refuses_is_invalid(string body, string reason, string words)
    {
        var refusal = Should.Throw<Refusal>(() => StrictDecoder.Check(Request(FieldValidation.Strict), Parse(body), []));
        refusal.Code.ShouldBe(422);
        refusal.Message.ShouldBe($"ServiceEntry.networking.istio.io \"a\" is invalid: {words}");
        refusal.Details!["causes"]![0]!["reason"]!.GetValue<string>().ShouldBe(reason);
    }

    [Fact]
    public void An_apply_configuration_need_not_be_whole() =>
        Should.NotThrow(() => StrictDecoder.Check(Request(FieldValidation.Strict), Parse("""{"metadata":{"annotations":{"a":"b"}}}"""), [], isPartial: true));

    [Fact]
    public void A_status_may_hold_anything() =>
        Should.NotThrow(() => StrictDecoder.Check(Request(FieldValidation.Strict), Parse("""{"spec":{"hosts":["a.com"]},"status":{"x":{"y":1}}}"""), []));

    [Fact]
    public void Metadata_is_checked_as_everywhere() =>
        Refused("""{"metadata":{"nme":"a"},"spec":{"hosts":["a.com"]}}""", FieldValidation.Strict).Message.ShouldEndWith("strict decoding error: unknown field \"metadata.nme\"");

    [Fact]
    public void OpenApi_has_the_fields_with_their_words()
    {
        foreach (var kind in KindTable.All.Where(kind => kind.Group.EndsWith(".istio.io", StringComparison.Ordinal)))
        {
            var spec = CustomSchema.Properties(kind, kind.Versions[0])["spec"]!.AsObject();
            spec["properties"]!.AsObject().Count.ShouldBeGreaterThan(3, kind.Kind);
            spec["description"]!.GetValue<string>().ShouldNotBeEmpty();
        }
        var entry = CustomSchema.Properties(KindTable.ServiceEntry, "v1")["spec"]!["properties"]!;
        entry["hosts"]!.ToJsonString().ShouldContain("\"type\":\"array\"");
        entry["ports"]!["items"]!["properties"]!["number"]!["maximum"]!.GetValue<long>().ShouldBe(65535);
        entry["resolution"]!["enum"]!.AsArray().Count.ShouldBe(5);
    }

    private static (int Code, string Message) Refused(string body, FieldValidation validation)
    {
        var refusal = Should.Throw<Refusal>(() => StrictDecoder.Check(Request(validation), Parse(body), []));
        return (refusal.Code, refusal.Message);
    }

    private static ResourceRequest Request(FieldValidation validation) =>
        new(new Identity("admin", [Identity.Masters]), KindTable.ServiceEntry, "v1", "default", "a") { FieldValidation = validation };

    private static JsonObject Parse(string text) => JsonNode.Parse(text)!.AsObject();
}
