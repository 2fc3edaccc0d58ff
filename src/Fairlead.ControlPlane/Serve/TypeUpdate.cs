using Fairlead.ControlPlane.Translate;

namespace Fairlead.ControlPlane.Serve;

/// <summary>What one response of one type must hold: computed before anything is sent, so that the types of a push can be ordered.</summary>
/// <param name="State">The type on its stream.</param>
/// <param name="Target">All resources that the proxy may have of this type now.</param>
/// <param name="Changed">Resources to send.</param>
/// <param name="Gone">What the proxy holds and the mesh no longer has.</param>
/// <param name="Unknown">Names that were just asked for and do not exist: the delta protocol says so.</param>
internal sealed record TypeUpdate(
    TypeState State, ResourceSet Target, IReadOnlyList<XdsResource> Changed, IReadOnlyList<XdsResource> Gone, IReadOnlyList<string> Unknown)
{
    /// <summary>Compares what the proxy holds with what it may have.</summary>
    public static TypeUpdate Between(TypeState state, ResourceSet target)
    {
        if (ReferenceEquals(state.Held, target) && !state.MustAnswer)
            return new TypeUpdate(state, target, [], [], []);
        if (!state.ForceAll && state.Forced.Count == 0 && target.IsShapedLike(state.Held))
            return new TypeUpdate(state, target, ChangedByPosition(state, target), [], []);
        var changed = new List<XdsResource>();
        foreach (var resource in Wanted(state, target))
        {
            if (state.ForceAll || state.Forced.Contains(resource.Name) || state.Held.Find(resource.Name)?.Version != resource.Version)
                changed.Add(resource);
        }
        var gone = Wanted(state, state.Held).Where(held => target.Find(held.Name) is null).ToList();
        var unknown = state.Forced.Where(name => state.Subscription.Names.Contains(name) && target.Find(name) is null && state.Held.Find(name) is null).ToList();
        return new TypeUpdate(state, target, changed, gone, unknown);
    }

    /// <summary>The resources of a set that the proxy asked for.</summary>
    public static IEnumerable<XdsResource> Wanted(TypeState state, ResourceSet set) =>
        state.Subscription.WantsAll ? set.Ordered : set.Ordered.Where(resource => state.Subscription.Names.Contains(resource.Name));

    private static List<XdsResource> ChangedByPosition(TypeState state, ResourceSet target)
    {
        var changed = new List<XdsResource>();
        for (var index = 0; index < target.Count; index++)
        {
            var (now, held) = (target.Ordered[index], state.Held.Ordered[index]);
            if (!ReferenceEquals(now, held) && now.Version != held.Version && state.Subscription.Wants(now.Name))
                changed.Add(now);
        }
        return changed;
    }
}
