using Fairlead.Config.Primitives;

namespace Fairlead.ControlPlane.Snapshot;

/// <summary>Equality selectors: every label of the selector must be there with its value; the empty selector takes everything.</summary>
public static class LabelMatch
{
    public static bool Includes(ValueMap<string> selector, IReadOnlyDictionary<string, string> labels)
    {
        foreach (var (key, wanted) in selector)
        {
            if (!labels.TryGetValue(key, out var value) || !string.Equals(value, wanted, StringComparison.Ordinal))
                return false;
        }

        return true;
    }
}
