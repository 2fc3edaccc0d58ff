using Fairlead.Node.Network;

namespace Fairlead.Node.Dns;

/// <summary>What the pods' name server answers: the cluster's names from the catalog, the rest from the forwarder.</summary>
internal sealed class PodNames(Func<ServiceCatalog> catalog, DnsForwarder forwarder)
{
    public async Task<byte[]> AnswerAsync(DnsQuestion question, CancellationToken cancel) =>
        ClusterNames.Resolve(catalog(), question.Name, question.Type) is { } own
            ? DnsAnswer.Write(question, own.Code, own.Records, isAuthoritative: true, ClusterNames.Zone)
            : await forwarder.AskAsync(question, cancel).ConfigureAwait(false);
}
