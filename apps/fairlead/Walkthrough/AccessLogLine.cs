using System.Text.RegularExpressions;

namespace Fairlead.App.Walkthrough;

/// <summary>
/// A line of the sidecar's text access log, by the names of Istio's default format
/// (https://istio.io/latest/docs/tasks/observability/logs/access-log/).
/// </summary>
internal sealed partial class AccessLogLine
{
    private readonly GroupCollection _fields;

    private AccessLogLine(GroupCollection fields) => _fields = fields;

    public string this[string field] => _fields[field].Success ? _fields[field].Value : throw new ArgumentException($"no field '{field}'", nameof(field));

    public static AccessLogLine? TryParse(string line) => Form().Match(line.TrimEnd('\r')) is { Success: true } match ? new AccessLogLine(match.Groups) : null;

    private const string Address = @"\d{1,3}(?:\.\d{1,3}){3}:\d+";

    [GeneratedRegex(
        @"^\[(?<start>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\] ""(?<method>\S+) (?<path>\S+) (?<protocol>\S+)"" (?<status>\d+) (?<flags>\S+) (?<details>\S+) (?<termination>\S+) " +
        @"""(?<transport>[^""]*)"" (?<received>\d+) (?<sent>\d+) (?<duration>\d+) (?<service>\d+|-) ""(?<forwarded>[^""]*)"" ""(?<agent>[^""]*)"" " +
        @"""(?<id>[^""]*)"" ""(?<authority>[^""]*)"" ""(?<upstream>" + Address + @"|-)"" (?<cluster>\S+) (?<local>" + Address + @"|-) (?<destination>" + Address + @"|-) " +
        @"(?<source>" + Address + @"|-) (?<sni>\S+) (?<route>\S+)$")]
    private static partial Regex Form();
}
