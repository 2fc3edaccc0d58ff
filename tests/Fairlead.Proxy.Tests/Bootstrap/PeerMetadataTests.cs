using System.Text;
using Fairlead.Proxy.Bootstrap;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.Proxy.Tests.Bootstrap;

public sealed class PeerMetadataTests
{
    /// <summary>The header that httpbin.org saw in the walkthrough.</summary>
    private const string Walkthrough =
        "ChkKDkFQUF9DT05UQUlORVJTEgcaBXNsZWVwChoKCkNMVVNURVJfSUQSDBoKS3ViZXJuZXRlcwofCgxJTlNUQU5DRV9JUFMSDxoNMTAuMjQ0Ljk2LjI0NQoZCg1JU1RJ"
        + "T19WRVJTSU9OEggaBjEuMjIuMQqhAQoGTEFCRUxTEpYBKpMBCg4KA2FwcBIHGgVzbGVlcAokChlzZWN1cml0eS5pc3Rpby5pby90bHNNb2RlEgcaBWlzdGlvCioKH3Nl"
        + "cnZpY2UuaXN0aW8uaW8vY2Fub25pY2FsLW5hbWUSBxoFc2xlZXAKLwojc2VydmljZS5pc3Rpby5pby9jYW5vbmljYWwtcmV2aXNpb24SCBoGbGF0ZXN0ChoKB01FU0hf"
        + "SUQSDxoNY2x1c3Rlci5sb2NhbAogCgROQU1FEhgaFnNsZWVwLTc2NTZjZjg3OTQtcDg2ZjIKFgoJTkFNRVNQQUNFEgkaB2RlZmF1bHQKSQoFT1dORVISQBo+a3ViZXJu"
        + "ZXRlczovL2FwaXMvYXBwcy92MS9uYW1lc3BhY2VzL2RlZmF1bHQvZGVwbG95bWVudHMvc2xlZXAKGAoNV09SS0xPQURfTkFNRRIHGgVzbGVlcA==";

    [Fact]
    public void The_walkthroughs_pod_gets_the_walkthroughs_header()
    {
        var variables = new Dictionary<string, string>
        {
            ["POD_NAME"] = "sleep-7656cf8794-p86f2",
            ["POD_NAMESPACE"] = "default",
            ["INSTANCE_IP"] = "10.244.96.245",
            ["SERVICE_ACCOUNT"] = "sleep",
            ["ISTIO_META_CLUSTER_ID"] = "Kubernetes",
            ["ISTIO_META_MESH_ID"] = "cluster.local",
            ["ISTIO_META_APP_CONTAINERS"] = "sleep",
            ["ISTIO_META_WORKLOAD_NAME"] = "sleep",
            ["ISTIO_META_OWNER"] = "kubernetes://apis/apps/v1/namespaces/default/deployments/sleep",
            ["ISTIO_META_NODE_NAME"] = "n1",
            ["ISTIO_META_INTERCEPTION_MODE"] = "REDIRECT",
        };
        const string labels =
            "app=\"sleep\"\npod-template-hash=\"7656cf8794\"\nsecurity.istio.io/tlsMode=\"istio\"\n"
            + "service.istio.io/canonical-name=\"sleep\"\nservice.istio.io/canonical-revision=\"latest\"";
        var errors = new List<string>();
        var environment = SidecarEnvironment.Read(variables, path => path == SidecarEnvironment.LabelsPath ? labels : null, errors);
        errors.ShouldBeEmpty();
        var bootstrap = SidecarBootstrap.Render(environment, null);
        Encoding.ASCII.GetString(PeerMetadata.Encode(bootstrap.Node.Metadata)).ShouldBe(Walkthrough);
        bootstrap.Node.Id.ShouldBe("sidecar~10.244.96.245~sleep-7656cf8794-p86f2.default~default.svc.cluster.local");
        bootstrap.Node.Cluster.ShouldBe("sleep.default");
    }

    [Fact]
    public void Nested_keys_are_sorted_and_empty_values_kept()
    {
        var labels = new Struct { Fields = { ["b"] = Value.ForString("2"), ["a"] = Value.ForString(string.Empty) } };
        var bytes = PeerMetadata.Serialize(new Struct { Fields = { ["LABELS"] = Value.ForStruct(labels) } });
        var parsed = Struct.Parser.ParseFrom(bytes);
        parsed.Fields["LABELS"].StructValue.Fields.Count.ShouldBe(2);
        Convert.ToHexStringLower(bytes).ShouldContain("0a0161" + "1202" + "1a00");
        Convert.ToHexStringLower(bytes).IndexOf("0a0161", StringComparison.Ordinal)
            .ShouldBeLessThan(Convert.ToHexStringLower(bytes).IndexOf("0a0162", StringComparison.Ordinal));
    }

    [Fact]
    public void Missing_variables_are_all_named()
    {
        var errors = new List<string>();
        SidecarEnvironment.Read(new Dictionary<string, string> { ["PROXY_CONFIG"] = "[1" }, static _ => null, errors);
        errors.Count.ShouldBe(4);
        errors.ShouldContain(error => error.Contains("POD_NAME ", StringComparison.Ordinal));
        errors.ShouldContain(error => error.StartsWith("PROXY_CONFIG", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{\"discoveryAddress\":\"istiod.istio-system.svc:15012\",\"concurrency\":2}", "istiod.istio-system.svc:15012")]
    [InlineData("discoveryAddress: 10.0.0.1:15010\n", "10.0.0.1:15010")]
    [InlineData("", SidecarEnvironment.DefaultDiscoveryAddress)]
    public void The_discovery_address_comes_from_the_proxy_config(string config, string expected)
    {
        var variables = new Dictionary<string, string> { ["POD_NAME"] = "a", ["POD_NAMESPACE"] = "b", ["INSTANCE_IP"] = "1.2.3.4", ["PROXY_CONFIG"] = config };
        var errors = new List<string>();
        SidecarEnvironment.Read(variables, static _ => null, errors).DiscoveryAddress.ShouldBe(expected);
        errors.ShouldBeEmpty();
    }
}
