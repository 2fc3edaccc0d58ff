using System.Text.Json.Nodes;
using Fairlead.Config.Validation;
using Fairlead.ControlPlane.Snapshot;
using Fairlead.ControlPlane.Status;

namespace Fairlead.ControlPlane.Tests.Status;

/// <summary>From what was found to conditions; and that the same findings never write twice.</summary>
public sealed class ObjectStatusTests
{
    private static readonly SourceReference It = new("VirtualService", "default", "vs");
    private static readonly Finding Near = new(Severity.Warning, "FL0001", "spec.hosts[0]", "baidu.com is not www.baidu.com", "add www.baidu.com to spec.hosts");
    private static readonly TranslationFinding Mirrors = new(It, "spec.http[0].mirrors", FindingCodes.NotSupported, "requests are not mirrored");

    [Fact]
    public void Nothing_found_is_accepted() =>
        ObjectStatus.Conditions([], [], []).ShouldBe([new Condition("Accepted", true, "Accepted", "the configuration is valid")]);

    [Fact]
    public void An_invalid_object_is_not_accepted() =>
        ObjectStatus.Conditions([new Finding(Severity.Error, "FLV", "spec.hosts", "is empty", "name a host")], [], [])
            .ShouldBe([new Condition("Accepted", false, "Invalid", "spec.hosts: is empty; name a host [FLV]")]);

    [Fact]
    public void Each_kind_of_finding_has_its_condition()
    {
        var conditions = ObjectStatus.Conditions(
            [Near, new Finding(Severity.Warning, "FL0012", "spec.http[0].mirrors", "not acted on", "")],
            [Mirrors, new TranslationFinding(It, "", FindingCodes.Shadowed, "default/other owns the host")],
            ["CDS: bad cluster"]);

        conditions.Select(condition => (condition.Type, condition.IsTrue, condition.Reason)).ShouldBe(
        [
            ("Accepted", true, "Accepted"),
            ("Conflicted", true, "Shadowed"),
            ("FieldsIgnored", true, FindingCodes.NotSupported),
            ("Analyzed", false, "FL0001"),
            ("Programmed", false, "RejectedByProxies"),
        ]);
        conditions[2].Message.ShouldBe("spec.http[0].mirrors: requests are not mirrored");
        conditions[3].Message.ShouldBe("spec.hosts[0]: baidu.com is not www.baidu.com; add www.baidu.com to spec.hosts [FL0001]");
    }

    [Fact]
    public void A_status_about_the_status_is_not_written() =>
        ObjectStatus.Conditions([new Finding(Severity.Warning, "IST0171", "status.conditions", "negative", "")], [], []).ShouldHaveSingleItem().Type.ShouldBe("Accepted");

    [Fact]
    public void A_condition_keeps_its_time_until_its_status_changes()
    {
        var first = ObjectStatus.Render(ObjectStatus.Conditions([Near], [], []), [Near], 1, null, "2026-01-01T00:00:00Z");
        var same = ObjectStatus.Render(ObjectStatus.Conditions([Near with { Message = "other words" }], [], []), [Near], 2, first, "2026-02-02T00:00:00Z");
        var healed = ObjectStatus.Render(ObjectStatus.Conditions([], [], []), [], 3, same, "2026-03-03T00:00:00Z");

        Times(first).ShouldBe(["2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"]);
        Times(same).ShouldBe(Times(first));
        Times(healed).ShouldBe(["2026-01-01T00:00:00Z"]);
        ((string?)healed["observedGeneration"]).ShouldBe("3");
    }

    [Fact]
    public void Times_alone_are_no_change()
    {
        var one = ObjectStatus.Render(ObjectStatus.Conditions([Near], [], []), [Near], 1, null, "2026-01-01T00:00:00Z");
        var later = ObjectStatus.Render(ObjectStatus.Conditions([Near], [], []), [Near], 1, null, "2026-02-02T00:00:00Z");

        ObjectStatus.IsSame(one, later).ShouldBeTrue();
        ObjectStatus.IsSame(one, ObjectStatus.Render(ObjectStatus.Conditions([], [], []), [], 1, null, "2026-01-01T00:00:00Z")).ShouldBeFalse();
        ObjectStatus.IsSame(null, one).ShouldBeFalse();
    }

    [Fact]
    public void A_message_without_end_is_cut() =>
        ObjectStatus.Conditions([.. Enumerable.Range(0, 500).Select(number => Near with { Path = $"spec.hosts[{number}]" })], [], [])[1].Message.Length.ShouldBe(4096);

    private static IEnumerable<string?> Times(JsonObject status) => status["conditions"]!.AsArray().Select(condition => (string?)condition!["lastTransitionTime"]);
}
