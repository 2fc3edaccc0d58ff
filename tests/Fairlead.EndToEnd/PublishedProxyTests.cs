namespace Fairlead.EndToEnd;

/// <summary>The sidecar as it is shipped: trimmed, so what the trimmer took is missed here first.</summary>
public sealed class PublishedProxyTests
{
    [Fact]
    public async Task It_tells_its_version()
    {
        var (exit, output, error) = await Published.RunAsync(Published.Proxy, "--version");
        exit.ShouldBe(0, error);
        output.ShouldStartWith("fairlead-proxy 0.");
    }

    [Fact]
    public async Task It_needs_no_installed_runtime()
    {
        var (exit, output, error) = await Published.RunAsync("env", "-i", "DOTNET_ROOT=/nonexistent", Published.Proxy, "--version");
        exit.ShouldBe(0, error);
        output.ShouldStartWith("fairlead-proxy 0.");
    }
}
