using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Snapshot;
using Fairlead.Xds.Protocol;

namespace Fairlead.ControlPlane.Translate;

/// <summary>
/// What a proxy is sent, as a function of the snapshot and of who asks. Safe for any number of callers at once.
/// </summary>
public sealed class XdsGenerator
{
    /// <summary>Answers that are kept for one state: some for each profile and set of names that proxies have in common.</summary>
    internal const int MemoLimit = 4096;

    private readonly ResourceCache cache = new();
    private readonly ConditionalWeakTable<object, GenerationMemo> generations = [];
    private readonly ConditionalWeakTable<object, WorkloadMemo> workloads = [];

    /// <summary>By what proxies share: the outbound side of their profile, and the names that they ask for.</summary>
    private readonly ConditionalWeakTable<EndpointIndex, ConcurrentDictionary<(OutboundResources Outbound, NameSet Names), XdsResources>> endpoints = [];

    /// <summary>Translations that were made rather than found, since the start.</summary>
    public long TranslationsMade => cache.Built;

    /// <summary>Inputs whose resource is known, some of which may be out of use.</summary>
    public int CachedResources => cache.Count;

    /// <remarks>
    /// <c>names</c>: For types that are asked for by name (RDS, EDS); CDS and LDS are always given whole.
    /// </remarks>
    /// <returns>In a stable order. Types that are not translated give none.</returns>
    public XdsResources Generate(MeshSnapshot snapshot, ProxyIdentity proxy, string typeUrl, IReadOnlyCollection<string> names) => typeUrl switch
    {
        XdsTypes.Cluster or XdsTypes.Listener => GenerationOf(snapshot).Whole(typeUrl, OutboundOf(snapshot, proxy), InboundOf(snapshot, proxy)),
        XdsTypes.Route => OutboundOf(snapshot, proxy).Routes(NameSet.Of(names)),
        XdsTypes.Endpoints => EndpointsOf(snapshot, OutboundOf(snapshot, proxy), NameSet.Of(names)),
        _ => XdsResources.None,
    };

    /// <summary>What the listeners of this proxy left out, beyond what the snapshot already reports.</summary>
    public ValueList<TranslationFinding> FindingsFor(MeshSnapshot snapshot, ProxyIdentity proxy) => OutboundOf(snapshot, proxy).Findings;

    private XdsResources EndpointsOf(MeshSnapshot snapshot, OutboundResources outbound, NameSet names)
    {
        var known = endpoints.GetValue(snapshot.Endpoints, static _ => new());
        // Proxies that ask for one name after the other would fill it with sets that nobody asks for again.
        if (known.Count > MemoLimit)
            known.Clear();
        return known.GetOrAdd((outbound, names), key => key.Outbound.Endpoints(snapshot, key.Names));
    }

    private OutboundResources OutboundOf(MeshSnapshot snapshot, ProxyIdentity proxy) =>
        GenerationOf(snapshot).Profiles.GetOrAdd(ProfileOf(snapshot, proxy), profile => new OutboundResources(snapshot, profile, cache));

    private GenerationMemo GenerationOf(MeshSnapshot snapshot) => generations.GetValue(snapshot.RoutingGeneration, _ =>
    {
        cache.Sweep();
        return new GenerationMemo();
    });

    private OutboundProfile ProfileOf(MeshSnapshot snapshot, ProxyIdentity proxy) =>
        WorkloadsOf(snapshot).Profiles.GetOrAdd(proxy, static (proxy, snapshot) => OutboundProfile.Of(snapshot, proxy), snapshot);

    private InboundResources InboundOf(MeshSnapshot snapshot, ProxyIdentity proxy) =>
        WorkloadsOf(snapshot).Inbound.GetOrAdd(proxy, (proxy, snapshot) => InboundResources.Build(snapshot, proxy, cache), snapshot);

    private WorkloadMemo WorkloadsOf(MeshSnapshot snapshot) => workloads.GetValue(snapshot.WorkloadGeneration, static _ => new WorkloadMemo());

    /// <summary>What was already worked out for single proxies, while only endpoints change.</summary>
    private sealed class WorkloadMemo
    {
        public ConcurrentDictionary<ProxyIdentity, OutboundProfile> Profiles { get; } = new();

        public ConcurrentDictionary<ProxyIdentity, InboundResources> Inbound { get; } = new();
    }

    /// <summary>What stays from snapshot to snapshot while only endpoints change.</summary>
    private sealed class GenerationMemo
    {
        private readonly ConcurrentDictionary<(string, OutboundResources, InboundResources), XdsResources> whole = new();

        public ConcurrentDictionary<OutboundProfile, OutboundResources> Profiles { get; } = new();

        public XdsResources Whole(string typeUrl, OutboundResources outbound, InboundResources inbound) =>
            whole.GetOrAdd((typeUrl, outbound, inbound), static key => new XdsResources(
                key.Item1 == XdsTypes.Listener
                    ? key.Item2.Listeners.Append(key.Item3.Listener).ToValueList()
                    : key.Item2.Clusters.Concat(key.Item3.Clusters).ToValueList(),
                []));
    }
}
