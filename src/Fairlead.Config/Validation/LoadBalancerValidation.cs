namespace Fairlead.Config.Validation;

/// <summary>Rule 33 of Istio's webhook: load balancing.</summary>
internal static class LoadBalancerValidation
{
    private const long LargestTable = 5000011;

    public static void Check(Report report, Field policy)
    {
        var balancer = policy["loadBalancer"];
        if (!balancer.IsSet)
            return;
        Hash(report, balancer["consistentHash"]);
        if (balancer["localityLbSetting"].IsSet && balancer["zoneAwareLbSetting"].IsSet)
            report.Error(balancer["zoneAwareLbSetting"], "localityLbSetting and zoneAwareLbSetting must not be set together", "keep one of them");
        Locality(report, balancer["localityLbSetting"], policy["outlierDetection"].IsSet);
        Locality(report, balancer["zoneAwareLbSetting"], policy["outlierDetection"].IsSet);
        Warmup(report, balancer);
    }

    private static void Hash(Report report, Field hash)
    {
        if (!hash.IsSet)
            return;
        if (hash["httpCookie"].IsSet)
            Cookie(report, hash["httpCookie"]);
        if (hash["minimumRingSize"].IsSet)
        {
            report.Warn(hash["minimumRingSize"], "consistent hash minimumRingSize is deprecated, use ringHash instead", "write ringHash: {minimumRingSize: ...}");
            if (hash["maglev"].IsSet || hash["ringHash"].IsSet)
                report.Error(hash["minimumRingSize"], "only one of minimumRingSize, maglev or ringHash can be specified", "remove minimumRingSize");
        }
        if (!hash["maglev"].IsSet)
            return;
        var size = hash["maglev"]["tableSize"];
        if (size.Integer is not { } table || table == 0)
            report.Error(size, "tableSize must be set for maglev", "write 65537", "FieldValueRequired");
        else if (table >= LargestTable)
            report.Error(size, $"tableSize must be less than {LargestTable} for maglev", "write 65537");
        else if (!IsPrime(table))
            report.Error(size, "tableSize must be a prime number for maglev", "write a prime such as 65537");
    }

    private static void Cookie(Report report, Field cookie)
    {
        if (cookie["name"].Text.Length == 0)
            report.Error(cookie["name"], "name required for HttpCookie", "name the cookie", "FieldValueRequired");
        if (cookie["ttl"].Text.Length > 0 && cookie["ttl"].Duration is null)
            Rules.Duration(report, cookie["ttl"], zeroAllowed: true);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var attribute in cookie["attributes"].Items)
        {
            if (attribute["name"].Text.Length == 0)
                report.Error(attribute["name"], "cookie attribute name must not be empty", "name the attribute", "FieldValueRequired");
            else if (!names.Add(attribute["name"].Text))
                report.Error(attribute["name"], $"duplicate cookie attribute name: {attribute["name"].Text}", "name each attribute once", "FieldValueDuplicate");
        }
    }

    private static void Locality(Report report, Field setting, bool hasOutlierDetection)
    {
        if (!setting.IsSet)
            return;
        if (setting["distribute"].Count > 0 && setting["failover"].Count > 0)
            report.Error(setting["failover"], "can not simultaneously specify 'distribute' and 'failover'", "keep one of them");
        foreach (var share in setting["distribute"].Items)
        {
            var sum = 0L;
            foreach (var (_, weight) in share["to"].Entries)
            {
                if (weight.Integer is not (>= 1 and <= 100))
                    report.Error(weight, "locality weight must be in range [1, 100]", "write 1 to 100; leave out a locality that gets nothing");
                sum += weight.Integer ?? 0;
            }
            if (sum != 100)
                report.Error(share["to"], $"total locality weight {sum} != 100", "make the weights add up to 100");
        }
        foreach (var failover in setting["failover"].Items)
        {
            var (from, to) = (failover["from"].Text, failover["to"].Text);
            if (from == to)
                report.Error(failover, $"locality lb failover settings must specify different regions: {from}", "name another region");
            foreach (var name in (ReadOnlySpan<string>)["from", "to"])
            {
                if (failover[name].Text.AsSpan().IndexOfAny('/', '*') >= 0)
                    report.Error(failover[name], "locality lb failover only specify region", "write the region alone");
            }
        }
        if ((setting["failover"].Count > 0 || setting["failoverPriority"].Count > 0) && !hasOutlierDetection)
            report.Warn(setting, "outlier detection policy must be provided for failover", "add outlierDetection: without it no endpoint ever counts as failed");
    }

    private static void Warmup(Report report, Field balancer)
    {
        var warmup = balancer["warmup"];
        Rules.Duration(report, balancer["warmupDurationSecs"]);
        if (!warmup.IsSet)
            return;
        if (!warmup["duration"].IsSet)
            report.Error(warmup["duration"], "duration is required for warmup", "write a duration such as \"60s\"", "FieldValueRequired");
        Rules.Duration(report, warmup["duration"]);
        if (warmup["minimumPercent"].Number is < 0 or > 100)
            report.Error(warmup["minimumPercent"], "minimumPercent must be in range [0, 100]", "write 0 to 100");
        if (warmup["aggression"].Number is < 1)
            report.Error(warmup["aggression"], "aggression must be greater than or equal to 1", "write 1 or more");
    }

    private static bool IsPrime(long number)
    {
        for (var divisor = 2L; divisor * divisor <= number; divisor++)
        {
            if (number % divisor == 0)
                return false;
        }
        return number > 1;
    }
}
