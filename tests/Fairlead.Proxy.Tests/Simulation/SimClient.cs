using System.Globalization;

namespace Fairlead.Proxy.Tests.Simulation;

/// <summary>A client on one connection: sends its requests one by one or all at once, checks each answer, and may lose patience.</summary>
internal sealed class SimClient : SimPeer
{
    private readonly SimWorld _world;
    private readonly List<Request> _requests = [];
    private readonly MessageReader _reader;
    private readonly bool _pipelines;
    private int _answered;
    private int _sent;

    public SimClient(SimNetwork network, SimPipe incoming, SimPipe outgoing, SimWorld world)
        : base(network, incoming, outgoing)
    {
        _world = world;
        _reader = new MessageReader(line => line.Split(' ')[1] is "204" or "304" || line.Split(' ')[1][0] == '1' || _requests[_answered].Method == "HEAD");
        _pipelines = network.Random.Next(4) == 0;
    }

    public void Begin(int count)
    {
        for (var i = 0; i < count; i++) _requests.Add(Make());
        if (_pipelines) while (_sent < count) Send();
        else Send();
        if (Network.Random.Next(10) == 0) Network.After(Network.Milliseconds(300), () => Close(reset: Network.Random.Next(2) == 0));
        else if (!Network.IsCalm && Network.Random.Next(10) == 0) Stall(Network.Milliseconds(2000));
        // The longest timeout is far shorter: whoever waits that long was forgotten.
        Network.After(TimeSpan.FromSeconds(60), GiveUp);
    }

    protected override void OnBytes(ReadOnlySpan<byte> bytes)
    {
        _reader.Add(bytes);
        Take(ended: false);
        if (!Network.IsCalm && Network.Random.Next(60) == 0) Stall(Network.Milliseconds(500));
    }

    protected override void OnGone(bool reset)
    {
        if (!reset) Take(ended: true);
        Close(reset: false);
    }

    private void GiveUp()
    {
        if (IsClosed) return;
        _world.Faults.Add($"the client of request {_requests[Math.Min(_answered, _requests.Count - 1)].Id} waited for a minute");
        Close(reset: false);
    }

    private void Take(bool ended)
    {
        while (!IsClosed && _reader.Next(ended) is { } response)
        {
            if (response.Status < 200) continue;
            if (_answered == _requests.Count)
            {
                _world.Faults.Add($"an answer to nothing: {response.StartLine}");
                return;
            }
            var request = _requests[_answered++];
            Check(request, response);
            if (_answered == _requests.Count || response.Field("connection") == "close")
            {
                Close(reset: false);
                return;
            }
            if (!_pipelines) Send();
        }
    }

    private void Check(Request request, MessageReader.Message response)
    {
        _world.Answered(request.Id, response.Status, response.Body.Length);
        if (response.Field("x-from") is { Length: > 0 } from && from != request.Id)
            _world.Faults.Add($"request {request.Id} got the answer to {from}");
        if (response.Field("x-seed") is not { Length: > 0 } seed || request.Method == "HEAD") return;
        var expected = SimBody.Of(int.Parse(seed, CultureInfo.InvariantCulture), int.Parse(response.Field("x-length"), CultureInfo.InvariantCulture));
        if (response.Body != expected) _world.Faults.Add($"request {request.Id} got {response.Body.Length} bytes that are not the upstream's {expected.Length}");
    }

    private Request Make()
    {
        var random = Network.Random;
        var id = _world.NewId();
        var method = random.Next(6) switch { 0 => "HEAD", 1 or 2 => "POST", _ => "GET" };
        var seed = random.Next(1000);
        var length = method != "POST" ? 0 : random.Next(20) == 0 ? random.Next(400_000) : random.Next(3) == 0 ? random.Next(40_000) : random.Next(2000);
        var framing = random.Next(2) == 0 ? SimBody.Framing.Chunked : SimBody.Framing.Length;
        var head = $"{method} /r{id} HTTP/1.1\r\nhost: svc\r\nx-id: {id}\r\nx-seed: {seed}\r\nx-length: {length}\r\n";
        var message = method == "POST" ? SimBody.Message(head, SimBody.Of(seed, length), framing, random) : SimBody.Message(head, string.Empty, SimBody.Framing.Length, random);
        return new Request(id, method, message);
    }

    private void Send()
    {
        var request = _requests[_sent++];
        if (Network.Random.Next(6) != 0)
        {
            Write(request.Bytes);
            return;
        }
        // In two pieces, some time apart.
        var cut = Network.Random.Next(1, request.Bytes.Length);
        Write(request.Bytes[..cut]);
        if (_pipelines) Write(request.Bytes[cut..]);
        else Network.After(Network.Milliseconds(400), () => Write(request.Bytes[cut..]));
    }

    private sealed record Request(string Id, string Method, byte[] Bytes);
}
