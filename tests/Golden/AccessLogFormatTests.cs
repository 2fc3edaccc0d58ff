using System.Text.Json.Nodes;
using Fairlead.ControlPlane.Snapshot;

namespace Fairlead.Golden;

public sealed class AccessLogFormatTests
{
    [Fact]
    public void The_text_format_is_Istios() => AccessLogFormats.Text.ShouldBe(
        "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% \"%UPSTREAM_TRANSPORT_FAILURE_REASON%\" %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\" %UPSTREAM_CLUSTER% %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %ROUTE_NAME%\n");

    [Fact]
    public void The_json_format_has_the_24_keys()
    {
        var keys = JsonNode.Parse(AccessLogFormats.Json)!.AsObject().Select(field => field.Key).ToArray();
        keys.Length.ShouldBe(24);
        keys.ShouldBeUnique();
        keys.ShouldContain("upstream_transport_failure_reason");
    }

    [Fact]
    public void A_format_of_ones_own_ends_its_line() => AccessLogFormats.WithNewline("%PROTOCOL%").ShouldBe("%PROTOCOL%\n");

    [Theory]
    [InlineData("not json")]
    [InlineData("[1]")]
    [InlineData("")]
    public void What_is_no_object_is_no_json_format(string text) => AccessLogFormats.JsonFrom(text).ShouldBeNull();
}
