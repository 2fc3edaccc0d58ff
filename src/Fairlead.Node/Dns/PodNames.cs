using Fairlead.Node.Network;

namespace Fairlead.Node.Dns;

/// <summary>What the pods' name server answers: the cluster's names from the catalog, the rest from the forwarder.</summary>
internal sealed class PodNames(Func<ServiceCatalog> catalog, Func<DnsQuestion, CancellationToken, Task<byte[]>> forward)
{
    /// <summary>Services that are names of services that are names ...: more than this many is a loop.</summary>
    private const int AliasLimit = 8;

    public async Task<byte[]> AnswerAsync(DnsQuestion question, CancellationToken cancel)
    {
        if (ClusterNames.Resolve(catalog(), question.Name, question.Type) is not { } own)
            return await forward(question, cancel).ConfigureAwait(false);
        var records = own.Records.ToList();
        if (question.Type != DnsQuestion.TypeCname && records is [{ Type: DnsQuestion.TypeCname }])
            await FollowAsync(question, records, cancel).ConfigureAwait(false);
        return DnsAnswer.Write(question, own.Code, records, isAuthoritative: true, ClusterNames.Zone);
    }

    /// <summary>A stub resolver takes what it is given: the answer to an alias holds its target's addresses (RFC 1034 section 3.6.2).</summary>
    private async Task FollowAsync(DnsQuestion question, List<DnsRecord> records, CancellationToken cancel)
    {
        for (var aliases = 0; aliases < AliasLimit && records[^1].Type == DnsQuestion.TypeCname; aliases++)
        {
            var target = DnsQuestion.ReadName(records[^1].Data);
            if (ClusterNames.Resolve(catalog(), target, question.Type) is { } inside)
            {
                records.AddRange(inside.Records);
                if (inside.Records.Count == 0)
                    return;
                continue;
            }
            records.AddRange(DnsReply.Read(await forward(question.For(target), cancel).ConfigureAwait(false)).Records);
            return;
        }
    }
}
