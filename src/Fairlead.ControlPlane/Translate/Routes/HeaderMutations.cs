using Envoy.Config.Core.V3;
using Fairlead.Config.Kinds;
using Google.Protobuf.Collections;

namespace Fairlead.ControlPlane.Translate.Routes;

/// <summary>Header changes on the wire. The authority is no header there: setting it rewrites the host.</summary>
internal static class HeaderMutations
{
    public static void Apply(HeaderChanges changes, RepeatedField<HeaderValueOption> toAdd, RepeatedField<string> toRemove)
    {
        foreach (var (name, value) in changes.Set)
        {
            if (!IsAuthority(name))
                toAdd.Add(Option(name, value, HeaderValueOption.Types.HeaderAppendAction.OverwriteIfExistsOrAdd));
        }

        foreach (var (name, value) in changes.Add)
        {
            if (!IsAuthority(name))
                toAdd.Add(Option(name, value, HeaderValueOption.Types.HeaderAppendAction.AppendIfExistsOrAdd));
        }

        // A host cannot be taken away, nor a pseudo-header: Istio leaves such removals out.
        toRemove.AddRange(changes.Remove.Where(name => !name.StartsWith(':') && !IsAuthority(name)));
    }

    /// <summary>The host that <c>set</c> or <c>add</c> asks for; null when neither does.</summary>
    public static string? Authority(HeaderChanges changes) =>
        changes.Set.Concat(changes.Add).Where(change => IsAuthority(change.Key)).Select(change => change.Value).FirstOrDefault();

    private static bool IsAuthority(string name) =>
        name.Equals("host", StringComparison.OrdinalIgnoreCase) || name.Equals(":authority", StringComparison.OrdinalIgnoreCase);

    private static HeaderValueOption Option(string name, string value, HeaderValueOption.Types.HeaderAppendAction action) => new()
    {
        Header = new HeaderValue { Key = name, Value = value },
        AppendAction = action,
    };
}
