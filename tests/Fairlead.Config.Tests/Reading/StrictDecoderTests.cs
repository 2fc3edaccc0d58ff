using System.Text;
using Fairlead.Config.Kinds;
using Fairlead.Config.Reading;
using Fairlead.Config.Schemas;

namespace Fairlead.Config.Tests.Reading;

public sealed class StrictDecoderTests
{
    private static IReadOnlyList<DecodeProblem> Decode(string json)
    {
        var read = JsonReader.Read(Encoding.UTF8.GetBytes(json), out var duplicates);
        return StrictDecoder.Decode(SchemaTable.Find(read)!, read, duplicates);
    }

    [Fact]
    public void An_unknown_field_is_named_with_what_was_probably_meant()
    {
        var problem = Decode("""{"apiVersion":"networking.istio.io/v1alpha3","kind":"ServiceEntry","metadata":{"name":"a"},"spec":{"hosts":["a.com"],"host":"b"}}""").ShouldHaveSingleItem();

        problem.Kind.ShouldBe(DecodeProblemKind.UnknownField);
        problem.Message.ShouldBe("unknown field \"spec.host\"");
        problem.Remedy.ShouldBe("did you mean \"spec.hosts\"?");
    }

    [Fact]
    public void Paths_of_unknown_fields_carry_indexes() =>
        Decode("""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"c","imag":"x"}]}}""")
            .ShouldHaveSingleItem().Message.ShouldBe("unknown field \"spec.containers[0].imag\"");

    [Fact]
    public void A_duplicate_field_is_named_and_its_last_value_stays()
    {
        var bytes = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"1","k":"2"}}"""u8;
        var read = JsonReader.Read(bytes, out var duplicates);

        StrictDecoder.Decode(SchemaTable.Find(read)!, read, duplicates).ShouldHaveSingleItem().Message.ShouldBe("duplicate field \"data.k\"");
        ConfigMap.Read(read).Data["k"].ShouldBe("2");
    }

    [Fact]
    public void A_wrong_type_in_a_built_in_kind_is_said_as_the_real_server_says_it() =>
        Decode("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"},"spec":{"ports":[{"port":"80"}]}}""")
            .ShouldHaveSingleItem().Message.ShouldBe("json: cannot unmarshal string into Go struct field ServicePort.spec.ports[0].port of type int32");

    [Fact]
    public void A_custom_resource_is_checked_against_its_limits()
    {
        var problems = Decode("""
            {"apiVersion":"networking.istio.io/v1","kind":"ServiceEntry","metadata":{"name":"a"},
             "spec":{"hosts":"a.com","resolution":"DNZ","ports":[{"number":70000,"protocol":"HTTP"}]}}
            """);

        problems.Select(problem => (problem.Kind, problem.Path)).ShouldBe(
        [
            (DecodeProblemKind.WrongType, "spec.hosts"),
            (DecodeProblemKind.NotSupported, "spec.resolution"),
            (DecodeProblemKind.Invalid, "spec.ports[0].number"),
            (DecodeProblemKind.Required, "spec.ports[0].name"),
        ], ignoreOrder: true);
        problems.First(problem => problem.Kind == DecodeProblemKind.NotSupported).Remedy.ShouldBe("did you mean \"DNS\"?");
    }

    [Fact]
    public void A_missing_spec_is_required() =>
        Decode("""{"apiVersion":"networking.istio.io/v1","kind":"ServiceEntry","metadata":{"name":"a"}}""")
            .ShouldHaveSingleItem().Path.ShouldBe("spec");

    [Fact]
    public void Valid_manifests_with_rare_fields_pass()
    {
        Decode("""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","annotations":{"x.y/z":"1"},"finalizers":["f"]},
             "spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"cpu":1,"memory":"1Gi"}},
               "livenessProbe":{"httpGet":{"path":"/","port":"http"},"periodSeconds":5},"env":[{"name":"A","valueFrom":{"fieldRef":{"fieldPath":"status.podIP"}}}]}],
              "volumes":[{"name":"v","projected":{"sources":[{"serviceAccountToken":{"audience":"istio-ca","path":"istio-token"}}]}}],
              "topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"z","whenUnsatisfiable":"DoNotSchedule"}]}}
            """).ShouldBeEmpty();
        Decode("""
            {"apiVersion":"networking.istio.io/v1beta1","kind":"VirtualService","metadata":{"name":"a"},
             "spec":{"hosts":["a"],"http":[{"timeout":"3s","route":[{"destination":{"host":"a","port":{"number":80}},"weight":100}],"mirror_percent":5}]},"status":{"anything":1}}
            """).ShouldBeEmpty();
    }

    [Fact]
    public void Pruning_drops_what_the_schema_does_not_know_and_nothing_else()
    {
        var read = KubeObject.Parse("""{"apiVersion":"networking.istio.io/v1","kind":"Sidecar","metadata":{"name":"a"},"spec":{"egress":[{"hosts":["*/*"],"x":1}],"y":2},"status":{"z":3}}"""u8);

        StrictDecoder.Prune(SchemaTable.Find(read)!, read);

        read.ToJson().ShouldBe("""{"apiVersion":"networking.istio.io/v1","kind":"Sidecar","metadata":{"name":"a"},"spec":{"egress":[{"hosts":["*/*"]}]},"status":{"z":3}}""");
    }
}
