using Fairlead.ApiServer.Serving;
using Microsoft.AspNetCore.Http;

namespace Fairlead.ApiServer.Authn;

/// <summary>
/// kubectl's <c>--as</c> and <c>--as-group</c>: administrators may ask as somebody else (headers <c>Impersonate-User</c>, <c>Impersonate-Group</c>), and get
/// what that one may, as Kubernetes' user impersonation does. <c>Impersonate-Uid</c> and extras are passed on.
/// </summary>
internal static class Impersonation
{
    private const string ExtraPrefix = "Impersonate-Extra-";
    private const string Accounts = "system:serviceaccount:";

    /// <exception cref="Refusal">The caller may not, or names groups and no user.</exception>
    public static Identity Of(Identity caller, IHeaderDictionary headers)
    {
        var user = headers["Impersonate-User"].ToString();
        var groups = headers["Impersonate-Group"].OfType<string>().ToList();
        if (user.Length == 0)
        {
            return groups.Count == 0 && headers["Impersonate-Uid"].Count == 0
                ? caller
                : throw Refusal.Internal("requested impersonation without impersonating a user: give Impersonate-User too");
        }
        if (!caller.IsAdmin)
            throw Refusal.Forbidden($"users \"{user}\" is forbidden: User \"{caller.User}\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope");
        if (groups.Count == 0 && user.StartsWith(Accounts, StringComparison.Ordinal) && user[Accounts.Length..].Split(':') is [var space, _])
            groups.AddRange(["system:serviceaccounts", "system:serviceaccounts:" + space]);
        if (!groups.Contains("system:authenticated"))
            groups.Add("system:authenticated");
        return new Identity(user, groups)
        {
            Uid = headers["Impersonate-Uid"].ToString(),
            Extra = headers.Where(header => header.Key.StartsWith(ExtraPrefix, StringComparison.OrdinalIgnoreCase))
                .ToDictionary(header => Uri.UnescapeDataString(header.Key[ExtraPrefix.Length..]).ToLowerInvariant(), header => header.Value.ToString()),
        };
    }
}
