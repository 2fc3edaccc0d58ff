using Fairlead.Proxy.Bootstrap;
using Fairlead.Xds.Json;
using FsCheck;
using FsCheck.Fluent;

namespace Fairlead.Proxy.Tests.Bootstrap;

public sealed class BootstrapLoaderTests
{
    [Fact]
    public void Yaml_and_json_read_alike_with_both_spellings_of_a_field()
    {
        var yaml = Load("node: {id: n, cluster: c}\nstatic_resources:\n  clusters:\n  - name: a\n    connect_timeout: 1.5s\n    type: STRICT_DNS\n");
        var json = Load("{\"node\":{\"id\":\"n\",\"cluster\":\"c\"},\"staticResources\":{\"clusters\":[{\"name\":\"a\",\"connectTimeout\":\"1.5s\",\"type\":1}]}}");
        json.ShouldBe(yaml);
        yaml!.StaticResources.Clusters[0].ConnectTimeout.ToTimeSpan().ShouldBe(TimeSpan.FromSeconds(1.5));
    }

    [Fact]
    public void All_faults_are_reported_at_once_with_line_and_path()
    {
        var errors = new List<string>();
        var unknown = new List<JsonFinding>();
        const string text =
            "node:\n  id: 7\nstatic_resources:\n  clusters:\n  - name: a\n    connect_timeout: soon\n    type: DNS\n    no_such_field: 1\n";
        BootstrapLoader.Load(text, "b.yaml", errors, unknown).ShouldBeNull();
        errors.Count.ShouldBe(3);
        errors.ShouldContain(error => error.StartsWith("b.yaml: line 2: node.id", StringComparison.Ordinal));
        errors.ShouldContain(error => error.Contains("clusters[0].connect_timeout", StringComparison.Ordinal));
        errors.ShouldContain(error => error.Contains("STRICT_DNS", StringComparison.Ordinal));
        unknown.ShouldHaveSingleItem().UnknownField.ShouldBe("envoy.config.cluster.v3.Cluster.no_such_field");
    }

    [Fact]
    public void Anys_structs_maps_wrappers_bytes_and_64_bit_numbers_are_read()
    {
        var bootstrap = Load(
            """
            node:
              metadata: {a: [1, x, true, null], b: {c: 1.5}}
            static_resources:
              listeners:
              - name: l
                use_original_dst: true
                filter_chains:
                - filters:
                  - name: t
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                      stat_prefix: p
                      cluster: c
              clusters:
              - name: c
                metadata: {filter_metadata: {istio: {external: true}}}
                ring_hash_lb_config: {minimum_ring_size: "18446744073709551615"}
            """)!;
        bootstrap.Node.Metadata.Fields["a"].ListValue.Values.Count.ShouldBe(4);
        var listener = bootstrap.StaticResources.Listeners[0];
        listener.UseOriginalDst.ShouldBe(true);
        Envoy.Extensions.Filters.Network.TcpProxy.V3.TcpProxy.Parser.ParseFrom(listener.FilterChains[0].Filters[0].TypedConfig.Value).Cluster.ShouldBe("c");
        var cluster = bootstrap.StaticResources.Clusters[0];
        cluster.RingHashLbConfig.MinimumRingSize.ShouldBe(ulong.MaxValue);
        cluster.Metadata.FilterMetadata["istio"].Fields["external"].BoolValue.ShouldBeTrue();
    }

    [Theory]
    [InlineData("")]
    [InlineData("a: [")]
    [InlineData("{\"a\": }")]
    [InlineData("node: {id: a}\nnode: {id: b}\n")]
    [InlineData("node: *nothing\n")]
    public void Text_that_is_no_document_is_an_error_not_an_exception(string text)
    {
        var errors = new List<string>();
        BootstrapLoader.Load(text, "b", errors, []).ShouldBeNull();
        errors.ShouldHaveSingleItem().ShouldStartWith("b: ");
    }

    [Fact]
    public void No_text_makes_the_reader_crash() => Check.QuickThrowOnFailure(Prop.ForAll<string>(text =>
    {
        var errors = new List<string>();
        var result = BootstrapLoader.Load("node: " + (text ?? string.Empty), "b", errors, []);
        return result is not null || errors.Count > 0;
    }));

    [Theory]
    [InlineData("proxy", "sidecar", "--domain", "default.svc.cluster.local", "--proxyLogLevel=warning", "--proxyComponentLogLevel=misc:error", "--log_output_level=default:info")]
    [InlineData("sidecar", "--concurrency", "2")]
    public void Istios_arguments_are_accepted(params string[] arguments)
    {
        var flags = ProxyFlags.Parse(arguments);
        flags.Errors.ShouldBeEmpty();
        flags.IsSidecar.ShouldBeTrue();
    }

    [Fact]
    public void Wrong_flags_are_all_named()
    {
        var flags = ProxyFlags.Parse(["--concurrency", "many", "--mode=guess", "--what", "--log-level"]);
        flags.Errors.Count.ShouldBe(5);
        flags.Errors.ShouldContain(error => error.Contains("--what", StringComparison.Ordinal));
    }

    [Fact]
    public void Metadata_holds_values_of_every_kind()
    {
        var metadata = Load("node: { metadata: { text: a, number: 1.5, yes: true, no: false, nothing: null, list: [1, [b], {}], map: { deep: { er: c } }, empty: {} } }")!.Node.Metadata;
        metadata.ToString().ShouldBe(
            """{ "text": "a", "number": 1.5, "yes": true, "no": false, "nothing": null, "list": [ 1, [ "b" ], { } ], "map": { "deep": { "er": "c" } }, "empty": { } }""");
    }

    private static Envoy.Config.Bootstrap.V3.Bootstrap? Load(string text)
    {
        var errors = new List<string>();
        var result = BootstrapLoader.Load(text, "b", errors, []);
        errors.ShouldBeEmpty();
        return result?.Message;
    }
}
