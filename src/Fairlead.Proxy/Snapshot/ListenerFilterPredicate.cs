namespace Fairlead.Proxy.Snapshot;

/// <summary>envoy.config.listener.v3.ListenerFilterChainMatchPredicate over the destination port.</summary>
internal abstract record ListenerFilterPredicate
{
    public abstract bool Holds(int destinationPort);

    public sealed record Any : ListenerFilterPredicate
    {
        public override bool Holds(int destinationPort) => true;
    }

    /// <param name="Start">Inclusive.</param>
    /// <param name="End">Exclusive.</param>
    public sealed record PortRange(int Start, int End) : ListenerFilterPredicate
    {
        public override bool Holds(int destinationPort) => destinationPort >= Start && destinationPort < End;
    }

    public sealed record Not(ListenerFilterPredicate Rule) : ListenerFilterPredicate
    {
        public override bool Holds(int destinationPort) => !Rule.Holds(destinationPort);
    }

    public sealed record Or(IReadOnlyList<ListenerFilterPredicate> Rules) : ListenerFilterPredicate
    {
        public override bool Holds(int destinationPort) => Rules.Any(rule => rule.Holds(destinationPort));
    }

    public sealed record And(IReadOnlyList<ListenerFilterPredicate> Rules) : ListenerFilterPredicate
    {
        public override bool Holds(int destinationPort) => Rules.All(rule => rule.Holds(destinationPort));
    }
}
