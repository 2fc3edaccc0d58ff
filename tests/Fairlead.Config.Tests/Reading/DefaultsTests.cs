using System.Text;
using Fairlead.Config.Kinds;
using Fairlead.Config.Reading;
using Fairlead.Config.Schemas;

namespace Fairlead.Config.Tests.Reading;

public sealed class DefaultsTests
{
    private static KubeObject Applied(string json)
    {
        var read = KubeObject.Parse(Encoding.UTF8.GetBytes(json));
        Defaults.Apply(read);
        return read;
    }

    [Fact]
    public void A_service_port_gets_its_protocol_and_target()
    {
        var service = Service.Read(Applied("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"},"spec":{"ports":[{"port":8000}]}}"""));

        service.Type.ShouldBe("ClusterIP");
        service.SessionAffinity.ShouldBe("None");
        service.Ports[0].Transport.ShouldBe("TCP");
        service.Ports[0].TargetPort.ShouldBe(new IntOrText(8000, ""));
    }

    [Theory]
    [InlineData("curlimages/curl", "Always")]
    [InlineData("curlimages/curl:latest", "Always")]
    [InlineData("registry:5000/curl", "Always")]
    [InlineData("curl:8.1", "IfNotPresent")]
    [InlineData("curl@sha256:00", "IfNotPresent")]
    public void The_pull_policy_follows_the_tag(string image, string policy)
    {
        var pod = Pod.Read(Applied($$$"""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"c","image":"{{{image}}}"}]}}"""));

        pod.Spec.Containers[0].ImagePullPolicy.ShouldBe(policy);
    }

    [Fact]
    public void A_deployment_is_completed_and_still_fits_its_schema()
    {
        var deployment = Applied("""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":{"selector":{"matchLabels":{"app":"a"}},
             "template":{"metadata":{"labels":{"app":"a"}},"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v"}]}}}}
            """);

        StrictDecoder.Decode(SchemaTable.Find(deployment)!, deployment).ShouldBeEmpty();
        deployment.Spec!["replicas"]!.GetValue<int>().ShouldBe(1);
        deployment.Spec!["strategy"]!["rollingUpdate"]!["maxSurge"]!.GetValue<string>().ShouldBe("25%");
        deployment.Spec!["template"]!["spec"]!["terminationGracePeriodSeconds"]!.GetValue<int>().ShouldBe(30);
    }

    [Fact]
    public void Applying_twice_changes_nothing_more()
    {
        var once = Applied("""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"c","image":"i","readinessProbe":{"httpGet":{"port":80}}}]}}""");
        var text = once.ToJson();

        Defaults.Apply(once);

        once.ToJson().ShouldBe(text);
    }

    [Fact]
    public void Plain_text_of_a_secret_becomes_data()
    {
        var secret = Secret.Read(Applied("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"stringData":{"k":"v"}}"""));

        secret.Bytes("k").ShouldBe("v"u8.ToArray());
        secret.ToString().ShouldNotContain("dg==");
    }
}
