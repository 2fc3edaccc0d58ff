using Fairlead.Proxy.Bootstrap;

namespace Fairlead.Proxy.Tests.Bootstrap;

public sealed class SidecarBootstrapTests
{
    [Fact]
    public void The_node_tells_the_control_plane_what_the_proxy_was_started_with()
    {
        var node = SidecarBootstrap.RenderNode(Environment(("PROXY_CONFIG", """
            {"tracing": {"sampling": 12.5}, "proxyHeaders": {"requestId": {"disabled": true}, "server": {"value": "mine"}}, "proxyStatsMatcher": {"inclusionPrefixes": ["a", "b"]}, "none": null}
            """)), null);
        var config = node.Metadata.Fields["PROXY_CONFIG"].StructValue;
        config.Fields["tracing"].StructValue.Fields["sampling"].NumberValue.ShouldBe(12.5);
        var headers = config.Fields["proxyHeaders"].StructValue;
        headers.Fields["requestId"].StructValue.Fields["disabled"].BoolValue.ShouldBeTrue();
        headers.Fields["server"].StructValue.Fields["value"].StringValue.ShouldBe("mine");
        config.Fields["proxyStatsMatcher"].StructValue.Fields["inclusionPrefixes"].ListValue.Values.Select(value => value.StringValue).ShouldBe(["a", "b"]);
        config.Fields["none"].HasNullValue.ShouldBeTrue();
    }

    [Theory]
    [InlineData(null, "DeltaGrpc")]
    [InlineData("true", "DeltaGrpc")]
    [InlineData("false", "Grpc")]
    [InlineData("0", "Grpc")]
    public void The_delta_protocol_is_spoken_unless_it_is_switched_off(string? variable, string type)
    {
        var environment = variable is null ? Environment() : Environment(("ISTIO_DELTA_XDS", variable));
        SidecarBootstrap.Render(environment, null).DynamicResources.AdsConfig.ApiType.ToString().ShouldBe(type);
    }

    private static SidecarEnvironment Environment(params (string Name, string Value)[] more)
    {
        var variables = new Dictionary<string, string> { ["POD_NAME"] = "app", ["POD_NAMESPACE"] = "default", ["INSTANCE_IP"] = "10.244.0.5" };
        foreach (var (name, value) in more)
            variables[name] = value;
        var errors = new List<string>();
        var environment = SidecarEnvironment.Read(variables, _ => null, errors);
        errors.ShouldBeEmpty();
        return environment;
    }
}
