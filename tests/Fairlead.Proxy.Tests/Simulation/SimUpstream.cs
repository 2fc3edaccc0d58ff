using System.Globalization;
using System.Text;

namespace Fairlead.Proxy.Tests.Simulation;

/// <summary>A server on one connection: mostly right, sometimes slow, sometimes broken, as the seed wants it.</summary>
internal sealed class SimUpstream(SimNetwork network, SimPipe incoming, SimPipe outgoing, SimWorld world) : SimPeer(network, incoming, outgoing)
{
    private readonly MessageReader _reader = new(_ => false);
    private bool _answeredEarly;

    protected override void OnBytes(ReadOnlySpan<byte> bytes)
    {
        _reader.Add(bytes);
        if (_answeredEarly) return;
        if (Network.Random.Next(200) == 0 && _reader.IsInside)
        {
            // An answer before the request is whole; the connection cannot serve another.
            _answeredEarly = true;
            Write(Encoding.ASCII.GetBytes("HTTP/1.1 413 Payload Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"));
            EndAfterWriting();
            return;
        }
        while (!IsClosed && _reader.Next(ended: false) is { } request) Answer(request);
    }

    protected override void OnGone(bool reset) => Close(reset: false);

    private void Answer(MessageReader.Message request)
    {
        var id = request.Field("x-id");
        var expected = SimBody.Of(int.Parse(request.Field("x-seed"), CultureInfo.InvariantCulture), int.Parse(request.Field("x-length"), CultureInfo.InvariantCulture));
        if (request.Body != expected) world.Faults.Add($"request {id} reached the upstream with {request.Body.Length} bytes that are not the client's {expected.Length}");
        var delay = !Network.IsCalm && Network.Random.Next(30) == 0 ? Network.Milliseconds(3000) : Network.Milliseconds(20);
        var isHead = request.StartLine.StartsWith("HEAD ", StringComparison.Ordinal);
        Network.After(delay, () => Respond(id, isHead));
    }

    private void Respond(string id, bool isHead)
    {
        var random = Network.Random;
        var seed = random.Next(1000);
        var length = random.Next(20) == 0 ? random.Next(400_000) : random.Next(4) == 0 ? random.Next(60_000) : random.Next(3000);
        var head = $"HTTP/1.1 200 OK\r\nx-from: {id}\r\nx-seed: {seed}\r\nx-length: {length}\r\n";
        var body = SimBody.Of(seed, length);
        switch (random.Next(100))
        {
            case < 3 when !Network.IsCalm:
                return; // never an answer
            case < 6:
                Close(reset: true);
                return;
            case < 8:
                Close(reset: false);
                return;
            case < 10:
                Write(Encoding.ASCII.GetBytes("HTTP/1.1 503 Service Unavailable\r\nx-from: " + id + "\r\ncontent-length: 0\r\n\r\n"));
                return;
            case < 12:
                Write(Encoding.ASCII.GetBytes("this is no HTTP\r\n\r\n"));
                return;
            case < 15 when !isHead:
                // Cut in the middle.
                Write(SimBody.Message(head, body, SimBody.Framing.Length, random)[..^Math.Min(length, 1)]);
                Network.After(Network.Milliseconds(50), () => Close(reset: random.Next(2) == 0));
                return;
            case < 17:
                Write(Encoding.ASCII.GetBytes($"HTTP/1.1 204 No Content\r\nx-from: {id}\r\n\r\n"));
                return;
            case < 20:
                Write(Encoding.ASCII.GetBytes("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"));
                break;
        }
        var framing = random.Next(6) switch
        {
            0 when !isHead => SimBody.Framing.UntilEnd,
            1 or 2 => SimBody.Framing.Chunked,
            _ => SimBody.Framing.Length,
        };
        var message = SimBody.Message(head, body, framing, random);
        Write(isHead ? message[..^MessageBodyBytes(message)] : message);
        if (framing == SimBody.Framing.UntilEnd) EndAfterWriting();
        // A server whose keep-alive ends just as the next request is on its way.
        else if (random.Next(12) == 0) Network.After(Network.Milliseconds(30), () => Close(reset: false));
    }

    private static int MessageBodyBytes(byte[] message) => message.Length - (message.AsSpan().IndexOf("\r\n\r\n"u8) + 4);
}
