using System.Text;
using Fairlead.Proxy.Routing;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Snapshot.Compile;
using Fairlead.Proxy.Tests.Snapshot;

namespace Fairlead.Proxy.Tests.Routing;

public sealed class VirtualHostMemoTests
{
    [Fact]
    public void It_finds_what_each_table_says_whatever_was_found_before()
    {
        var first = Table("a", "svc-1.example", "svc-2.example");
        var second = Table("b", "svc-1.example", "*");
        var memo = new VirtualHostMemo();
        string[] hosts = ["svc-1.example", "SVC-1.example", "svc-2.example", "svc-3.example", new string('h', 100), string.Empty];
        for (var round = 0; round < 3; round++)
        {
            foreach (var host in hosts)
            {
                var authority = Encoding.ASCII.GetBytes(host);
                memo.Find(first, authority).ShouldBeSameAs(first.VirtualHosts.Find(authority), host);
                memo.Find(second, authority).ShouldBeSameAs(second.VirtualHosts.Find(authority), host);
            }
            if (round == 1) memo.Clear();
        }
    }

    [Fact]
    public void It_keeps_no_table_alive_that_has_gone()
    {
        var memo = new VirtualHostMemo();
        var table = Remember(memo);
        memo.Clear();

        GC.Collect();

        table.IsAlive.ShouldBeFalse();
    }

    private static WeakReference Remember(VirtualHostMemo memo)
    {
        var table = Table("a", "svc-1.example");
        memo.Find(table, "svc-1.example"u8).ShouldNotBeNull();
        return new WeakReference(table);
    }

    private static RouteTable Table(string name, params string[] domains) => new RouteCompiler(TestCompile.Context()).Compile(TestCompile.Routes(
        $"{{name: {name}, virtual_hosts: [{string.Join(", ", domains.Select((domain, i) => $"{{name: h{i}, domains: ['{domain}'], routes: [{{match: {{prefix: /}}, route: {{cluster: c}}}}]}}"))}]}}"));
}
