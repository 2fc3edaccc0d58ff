using System.Buffers;
using System.IO.Pipelines;
using Envoy.Service.Discovery.V3;
using Fairlead.Xds.Grpc;

namespace Fairlead.Xds.Tests.Grpc;

public sealed class FramingTests
{
    [Fact]
    public async Task Messages_come_out_as_they_went_in_however_the_bytes_are_split()
    {
        var bytes = new ArrayBufferWriter<byte>();
        GrpcFraming.Write(bytes, new DiscoveryRequest { TypeUrl = "a" });
        GrpcFraming.Write(bytes, new DiscoveryRequest());
        GrpcFraming.Write(bytes, new DiscoveryRequest { TypeUrl = new string('b', 3000) });
        var pipe = new Pipe();
        var reader = new GrpcMessageReader<DiscoveryRequest>(pipe.Reader, DiscoveryRequest.Parser);
        var feed = Task.Run(async () =>
        {
            foreach (var b in bytes.WrittenSpan.ToArray())
            {
                await pipe.Writer.WriteAsync(new[] { b });
            }
            await pipe.Writer.CompleteAsync();
        });
        (await reader.ReadAsync(default))!.TypeUrl.ShouldBe("a");
        (await reader.ReadAsync(default))!.TypeUrl.ShouldBeEmpty();
        (await reader.ReadAsync(default))!.TypeUrl.Length.ShouldBe(3000);
        (await reader.ReadAsync(default)).ShouldBeNull();
        await feed;
    }

    [Theory]
    [InlineData(new byte[] { 1, 0, 0, 0, 0 }, GrpcStatusCode.Internal)]
    [InlineData(new byte[] { 0, 0x7f, 0xff, 0xff, 0xff }, GrpcStatusCode.ResourceExhausted)]
    [InlineData(new byte[] { 0, 0, 0, 0, 2, 0xff, 0xff }, GrpcStatusCode.Internal)]
    [InlineData(new byte[] { 0, 0, 0, 0, 9, 1 }, GrpcStatusCode.Internal)]
    public async Task Malformed_streams_end_with_a_status(byte[] bytes, GrpcStatusCode expected)
    {
        var reader = new GrpcMessageReader<DiscoveryRequest>(PipeReader.Create(new MemoryStream(bytes)), DiscoveryRequest.Parser);
        var error = await Should.ThrowAsync<GrpcException>(async () => await reader.ReadAsync(default));
        error.Status.ShouldBe(expected);
    }

    [Fact]
    public void A_status_message_survives_its_encoding()
    {
        const string message = "listener \"x\": 100% wrong\nнет";
        var encoded = GrpcPaths.EncodeMessage(message);
        encoded.ShouldAllBe(c => c >= ' ' && c < '\x7f');
        GrpcPaths.DecodeMessage(encoded).ShouldBe(message);
    }
}
