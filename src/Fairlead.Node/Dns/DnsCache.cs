using System.Buffers.Binary;

namespace Fairlead.Node.Dns;

/// <summary>Answers of other resolvers, kept for their shortest TTL; bounded, the oldest go first.</summary>
internal sealed class DnsCache(TimeProvider time)
{
    /// <summary>Answers kept: a machine's pods ask for few names, again and again.</summary>
    private const int EntryLimit = 4096;

    /// <summary>Bounds of a TTL, in seconds: "no such name" without an SOA is kept short, nothing longer than five minutes.</summary>
    private const int ShortestTtl = 1;

    private const int LongestTtl = 300;
    private const int NegativeTtl = 5;

    private readonly Dictionary<(string Name, ushort Type), Entry> entries = [];
    private readonly Lock gate = new();

    public byte[]? Find(DnsQuestion question)
    {
        lock (gate)
        {
            if (!entries.TryGetValue((question.Name, question.Type), out var entry))
                return null;
            var age = (uint)time.GetElapsedTime(entry.Stored).TotalSeconds;
            if (age >= entry.Ttl)
            {
                entries.Remove((question.Name, question.Type));
                return null;
            }
            return Addressed(entry.Answer, question, age);
        }
    }

    public void Store(DnsQuestion question, byte[] answer)
    {
        var code = answer[3] & 0xf;
        if (code is not (0 or 3) || (answer[2] & 2) != 0)
            return;
        lock (gate)
        {
            if (entries.Count >= EntryLimit)
                entries.Remove(entries.MinBy(entry => entry.Value.Stored).Key);
            entries[(question.Name, question.Type)] = new Entry(answer, time.GetTimestamp(), Ttl(answer));
        }
    }

    /// <summary>The stored answer with the asker's id and question, its TTLs lowered by its age.</summary>
    public static byte[] Addressed(byte[] answer, DnsQuestion question, uint age)
    {
        var copy = answer.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(copy, question.Id);
        if (copy.Length >= 12 + question.Wire.Length)
            question.Wire.CopyTo(copy, 12);
        foreach (var place in TtlPlaces(copy))
        {
            var ttl = BinaryPrimitives.ReadUInt32BigEndian(copy.AsSpan(place));
            BinaryPrimitives.WriteUInt32BigEndian(copy.AsSpan(place), ttl > age ? ttl - age : 0);
        }
        return copy;
    }

    private static uint Ttl(byte[] answer)
    {
        var ttls = TtlPlaces(answer).Select(place => BinaryPrimitives.ReadUInt32BigEndian(answer.AsSpan(place))).ToList();
        return ttls.Count == 0 ? NegativeTtl : Math.Clamp(ttls.Min(), ShortestTtl, LongestTtl);
    }

    /// <summary>Where the TTLs of answer and authority records lie; stops at what does not parse.</summary>
    private static List<int> TtlPlaces(byte[] message)
    {
        var places = new List<int>();
        var questions = BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(4));
        var records = BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(6)) + BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(8));
        var position = 12;
        for (var i = 0; i < questions && SkipName(message, ref position); i++)
            position += 4;
        for (var i = 0; i < records && SkipName(message, ref position) && position + 10 <= message.Length; i++)
        {
            places.Add(position + 4);
            position += 10 + BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(position + 8));
        }
        return places;
    }

    private static bool SkipName(byte[] message, ref int position)
    {
        while (position < message.Length)
        {
            var length = message[position];
            if (length >= 0xc0)
            {
                position += 2;
                return position <= message.Length;
            }
            position += length + 1;
            if (length == 0)
                return position <= message.Length;
        }
        return false;
    }

    private sealed record Entry(byte[] Answer, long Stored, uint Ttl);
}
