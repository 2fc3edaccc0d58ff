using Fairlead.Config.Kinds;

namespace Fairlead.Config.Tests;

public sealed class KubeObjectTests
{
    [Fact]
    public void Names_and_versions_are_read_and_unknown_fields_survive()
    {
        var read = KubeObject.Parse("""
            {"apiVersion":"networking.istio.io/v1alpha3","kind":"ServiceEntry","metadata":{"name":"baidu-ext","namespace":"default","labels":{"a":"b"}},"spec":{"hosts":["baidu.com"],"later":1}}
            """u8);

        read.Group.ShouldBe("networking.istio.io");
        read.Version.ShouldBe("v1alpha3");
        read.Labels["a"].ShouldBe("b");
        KindTable.Find(read).ShouldBe(KindTable.ServiceEntry);
        read.ToJson().ShouldContain("\"later\":1");
    }

    [Fact]
    public void A_version_that_is_not_served_finds_no_kind()
    {
        var read = KubeObject.Parse("""{"apiVersion":"networking.istio.io/v9","kind":"ServiceEntry"}"""u8);

        KindTable.Find(read).ShouldBeNull();
    }
}
