using Fairlead.ApiServer.Authn;
using Fairlead.ApiServer.Serving;
using Microsoft.AspNetCore.Http;

namespace Fairlead.ApiServer.Tests.Authn;

/// <summary>kubectl --as: only administrators, and then with no more than the other one's rights.</summary>
public sealed class ImpersonationTests
{
    private static readonly Identity Admin = new("admin", [Identity.Masters]);

    [Fact]
    public void Without_the_headers_the_caller_is_who_asks() => Impersonation.Of(Admin, new HeaderDictionary()).ShouldBe(Admin);

    [Fact]
    public void A_service_account_brings_its_groups()
    {
        var identity = Impersonation.Of(Admin, new HeaderDictionary { ["Impersonate-User"] = "system:serviceaccount:default:sleep" });
        identity.User.ShouldBe("system:serviceaccount:default:sleep");
        identity.Groups.ShouldBe(["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"]);
        identity.IsAdmin.ShouldBeFalse();
    }

    [Fact]
    public void Groups_that_are_given_stand_instead() =>
        Impersonation.Of(Admin, new HeaderDictionary { ["Impersonate-User"] = "jo", ["Impersonate-Group"] = new(["a", Identity.Masters]) })
            .Groups.ShouldBe(["a", Identity.Masters, "system:authenticated"]);

    [Fact]
    public void Nobody_else_may()
    {
        var refusal = Should.Throw<Refusal>(() => Impersonation.Of(new Identity("jo", []), new HeaderDictionary { ["Impersonate-User"] = "admin" }));
        refusal.Code.ShouldBe(403);
        refusal.Message.ShouldBe("users \"admin\" is forbidden: User \"jo\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope");
    }

    [Fact]
    public void Groups_without_a_user_are_refused() =>
        Should.Throw<Refusal>(() => Impersonation.Of(Admin, new HeaderDictionary { ["Impersonate-Group"] = "a" })).Message.ShouldContain("without impersonating a user");
}
