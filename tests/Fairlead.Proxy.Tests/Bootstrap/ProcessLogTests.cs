using Fairlead.Proxy.Bootstrap;

namespace Fairlead.Proxy.Tests.Bootstrap;

public sealed class ProcessLogTests : IDisposable
{
    private readonly StringWriter _output = new();

    [Fact]
    public void A_line_has_envoys_form_in_one_line()
    {
        Log("2024-06-06T03:09:04.007Z").Warning("config", "a field\r\nhas no effect\u2028on it");
        _output.ToString().ShouldBe("[2024-06-06 03:09:04.007][warning][config] a field has no effect on it" + Environment.NewLine);
    }

    [Fact]
    public void Letters_of_any_script_stay()
    {
        Log("2024-12-31T23:59:59.999Z").Error("main", "配置 ü");
        _output.ToString().ShouldBe("[2024-12-31 23:59:59.999][error][main] 配置 ü" + Environment.NewLine);
    }

    [Fact]
    public void Nothing_is_opened_for_what_is_not_logged()
    {
        var log = Log("2024-06-26T03:30:14Z");
        log.Debug("main", "below the level");
        log.Level = LogLevel.Off;
        log.Write(LogLevel.Critical, "main", "off");
        _output.ToString().ShouldBeEmpty();
    }

    public void Dispose() => _output.Dispose();

    private ProcessLog Log(string time) => new(new Lazy<TextWriter>(_output), new StoppedClock(DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture)), LogLevel.Info);

    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
