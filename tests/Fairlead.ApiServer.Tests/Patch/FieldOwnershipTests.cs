using System.Text.Json.Nodes;
using Fairlead.ApiServer.Authn;
using Fairlead.ApiServer.Patch;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Serving;
using Fairlead.Config.Kinds;
using Microsoft.Extensions.Time.Testing;

namespace Fairlead.ApiServer.Tests.Patch;

/// <summary>Server-side apply and who owns what, on a built-in kind and on one of Istio's.</summary>
public sealed class FieldOwnershipTests
{
    private const string Two = """{"metadata":{"name":"d"},"spec":{"replicas":2,"template":{"spec":{"containers":[{"name":"c","image":"one","ports":[{"containerPort":80}]}]}}}}""";

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public void The_first_apply_owns_what_it_says_and_no_more()
    {
        var made = Apply("kubectl", null, Two);
        Managers(made).ShouldBe(["""
            {"manager":"kubectl","operation":"Apply","apiVersion":"apps/v1","time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:replicas":{},"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:image":{},"f:name":{},"f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}}}}}}}}}
            """.Trim()]);
    }

    [Fact]
    public void The_same_apply_again_changes_nothing_not_even_the_time()
    {
        var made = Apply("kubectl", null, Two);
        time.Advance(TimeSpan.FromHours(1));
        JsonNode.DeepEquals(Apply("kubectl", made, Two).Root, made.Root).ShouldBeTrue();
    }

    [Fact]
    public void Another_manager_with_another_value_conflicts_and_force_takes_the_field()
    {
        var made = Apply("kubectl", null, Two);
        var other = Two.Replace("\"replicas\":2", "\"replicas\":3", StringComparison.Ordinal);

        var refusal = Should.Throw<Refusal>(() => Apply("other", made, other));
        refusal.Code.ShouldBe(409);
        refusal.Message.ShouldBe("Apply failed with 1 conflict: conflict with \"kubectl\": .spec.replicas");
        refusal.Details!["causes"]!.ToJsonString().ShouldBe("""[{"reason":"FieldManagerConflict","message":"conflict with \u0022kubectl\u0022","field":".spec.replicas"}]""");

        var forced = Apply("other", made, other, force: true);
        forced.Root["spec"]!["replicas"]!.GetValue<int>().ShouldBe(3);
        Managers(forced)[0].ShouldNotContain("f:replicas");
        Managers(forced)[1].ShouldContain("f:replicas");
    }

    [Fact]
    public void The_same_value_is_shared()
    {
        var shared = Apply("other", Apply("kubectl", null, Two), """{"metadata":{"name":"d"},"spec":{"replicas":2}}""");
        Managers(shared).Count(manager => manager.Contains("f:replicas", StringComparison.Ordinal)).ShouldBe(2);
        Apply("kubectl", shared, Two.Replace("\"replicas\":2,", "", StringComparison.Ordinal)).Root["spec"]!["replicas"]!.GetValue<int>().ShouldBe(2);
    }

    [Fact]
    public void What_its_only_owner_gives_up_is_taken_out()
    {
        var made = Apply("kubectl", null, Two);
        var without = Apply("kubectl", made, """{"metadata":{"name":"d"},"spec":{"template":{"spec":{"containers":[{"name":"other","image":"two"}]}}}}""");
        without.Root["spec"]!.ToJsonString().ShouldBe("""{"template":{"spec":{"containers":[{"name":"other","image":"two"}]}}}""");
    }

    [Fact]
    public void Items_of_a_list_are_merged_by_their_keys()
    {
        var live = Apply("kubectl", null, Two);
        live.Root["spec"]!["template"]!["spec"]!["containers"]![0]!["ports"]![0]!["protocol"] = "TCP";
        var next = Apply("sidecar", live, """{"metadata":{"name":"d"},"spec":{"template":{"spec":{"containers":[{"name":"proxy","image":"p"},{"name":"c","ports":[{"containerPort":80,"name":"http"}]}]}}}}""");
        next.Root["spec"]!["template"]!["spec"]!["containers"]!.ToJsonString()
            .ShouldBe("""[{"name":"c","image":"one","ports":[{"containerPort":80,"protocol":"TCP","name":"http"}]},{"name":"proxy","image":"p"}]""");
    }

    [Fact]
    public void An_update_owns_what_it_changes_and_takes_it_from_others()
    {
        var made = Apply("kubectl", null, Two);
        var next = made.DeepClone();
        next.Root["spec"]!["replicas"] = 5;
        Ownership.RecordUpdate(Request("kubectl-edit"), made, next);

        Managers(next)[0].ShouldNotContain("f:replicas");
        Managers(next)[1].ShouldContain("""{"manager":"kubectl-edit","operation":"Update","apiVersion":"apps/v1","time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:replicas":{}}}}""");
        Should.Throw<Refusal>(() => Apply("kubectl", next, Two)).Message
            .ShouldBe("Apply failed with 1 conflict: conflict with \"kubectl-edit\" using apps/v1 at 2026-01-01T00:00:00Z: .spec.replicas");
    }

    [Fact]
    public void Several_conflicts_are_listed_by_manager()
    {
        var first = Apply("a", null, """{"metadata":{"name":"d","labels":{"x":"1","y":"1"}},"spec":{"replicas":1}}""");
        var second = Apply("b", first, """{"metadata":{"name":"d","labels":{"z":"1"}}}""");
        Should.Throw<Refusal>(() => Apply("c", second, """{"metadata":{"name":"d","labels":{"x":"2","y":"2","z":"2"}}}""")).Message
            .ShouldBe("Apply failed with 3 conflicts: conflicts with \"a\":\n- .metadata.labels.x\n- .metadata.labels.y\nconflicts with \"b\":\n- .metadata.labels.z");
    }

    [Fact]
    public void Controllers_and_status_are_not_listed_but_what_they_change_leaves_its_owner()
    {
        var made = Apply("kubectl", null, Two);
        var scaled = made.DeepClone();
        scaled.Root["spec"]!["replicas"] = 7;
        Ownership.RecordUpdate(ResourceRequest.Internal("scaler", KindTable.Deployment, "default", "d", default), made, scaled);
        Managers(scaled).ShouldHaveSingleItem().ShouldNotContain("f:replicas");

        var reported = made.DeepClone();
        reported.Root["status"] = new JsonObject { ["replicas"] = 2 };
        reported.Metadata.Remove("managedFields");
        Ownership.RecordUpdate(Request("node") with { Subresource = "status" }, made, reported);
        Managers(reported).ShouldBe(Managers(made));
    }

    [Fact]
    public void An_update_that_changes_nothing_leaves_the_list_alone()
    {
        var made = Apply("kubectl", null, Two);
        var same = made.DeepClone();
        same.Metadata.Remove("managedFields");
        time.Advance(TimeSpan.FromHours(1));
        Ownership.RecordUpdate(Request("kubectl-replace"), made, same);
        FieldOwnership.SameOwners(made, same).ShouldBeTrue();
    }

    [Fact]
    public void A_list_that_the_client_rewrote_stands()
    {
        var made = new KubeObject(JsonNode.Parse(Two)!.AsObject());
        Ownership.RecordUpdate(Request("kubectl-client-side-apply"), null, made);
        var migrated = made.DeepClone();
        migrated.Metadata["managedFields"]![0]!["manager"] = "kubectl";
        migrated.Metadata["managedFields"]![0]!["operation"] = "Apply";
        Ownership.RecordUpdate(Request("kubectl"), made, migrated);
        Managers(migrated).ShouldHaveSingleItem().ShouldStartWith("""{"manager":"kubectl","operation":"Apply",""");
    }

    [Fact]
    public void Writers_beyond_ten_are_counted_as_one()
    {
        var target = new KubeObject(JsonNode.Parse(Two)!.AsObject());
        Ownership.RecordUpdate(Request("creator"), null, target);
        for (var writer = 1; writer <= 15; writer++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            var next = target.DeepClone();
            next.Metadata["labels"] = new JsonObject(target.Labels.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)).Append(new($"l{writer}", "x")));
            Ownership.RecordUpdate(Request($"writer-{writer}"), target, next);
            target = next;
        }
        var managers = Managers(target);
        managers.Count.ShouldBe(10);
        managers[0].ShouldContain("ancient-changes");
        string.Concat(managers).ShouldContain("f:l15");
        string.Concat(managers).ShouldContain("f:l1\"");
    }

    [Fact]
    public void Lists_of_a_custom_kind_are_whole_unless_they_have_keys()
    {
        var entry = Request("kubectl") with { Kind = KindTable.ServiceEntry, Version = "v1" };
        var made = Ownership.Apply(entry, null, Parse("""{"metadata":{"name":"a"},"spec":{"hosts":["a.com"],"ports":[{"number":80,"name":"http"}]}}"""));
        Managers(made)[0].ShouldContain("""fieldsV1":{"f:spec":{"f:hosts":{},"f:ports":{"k:{\"name\":\"http\"}":{".":{},"f:name":{},"f:number":{}}}}}""");
        Should.Throw<Refusal>(() => Ownership.Apply(entry with { FieldManager = "other" }, made, Parse("""{"metadata":{"name":"a"},"spec":{"hosts":["b.com"]}}""")))
            .Message.ShouldEndWith("conflict with \"kubectl\": .spec.hosts");
    }

    private FieldOwnership Ownership => new(time);

    private KubeObject Apply(string manager, KubeObject? live, string configuration, bool force = false) =>
        Ownership.Apply(Request(manager) with { Force = force }, live?.DeepClone(), Parse(configuration));

    private static ResourceRequest Request(string manager) => new(new Identity("admin", [Identity.Masters]), KindTable.Deployment, "v1", "default", "d") { FieldManager = manager };

    private static JsonObject Parse(string text) => JsonNode.Parse(text)!.AsObject();

    private static List<string> Managers(KubeObject target) =>
        [.. (target.Metadata["managedFields"] as JsonArray ?? []).Select(entry => entry!.ToJsonString(JsonText.Relaxed))];
}
