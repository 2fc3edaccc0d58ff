using Fairlead.Config.Kinds;
using Fairlead.KubeClient;

namespace Fairlead.EndToEnd;

/// <summary>One of several replicas leads, by a Lease of a real API server. The clock runs fast; nothing depends on how fast.</summary>
public sealed class LeaseElectionTests : IDisposable
{
    private const int Times = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // a hang fails the test; no outcome depends on it

    private readonly string _state = Directory.CreateTempSubdirectory("fairlead-lease-").FullName;

    public void Dispose() => Directory.Delete(_state, recursive: true);

    [Fact]
    public async Task A_leader_that_leaves_hands_over_and_one_that_is_cut_off_stops_before_the_next_begins()
    {
        await using var server = await RunningApiServer.StartAsync(_state);
        using var check = server.Connect();
        var leaders = new List<string>();
        var first = new Replica(server, "first", leaders);
        await first.Leading.Task.WaitAsync(Patience, TimeProvider.System);
        await using var second = new Replica(server, "second", leaders);
        await using var third = new Replica(server, "third", leaders);
        (await HolderAsync(check)).ShouldBe(("first", 0));

        await first.DisposeAsync();
        await Task.WhenAny(second.Leading.Task, third.Leading.Task).WaitAsync(Patience, TimeProvider.System);
        var (leader, other) = second.Leading.Task.IsCompleted ? (second, third) : (third, second);
        (await HolderAsync(check)).ShouldBe((leader.Name, 1));

        leader.CutOff();
        await other.Leading.Task.WaitAsync(Patience, TimeProvider.System);
        (await HolderAsync(check)).ShouldBe((other.Name, 2));
        lock (leaders)
            leaders.ShouldBe(["first leads", "first ends", $"{leader.Name} leads", $"{leader.Name} ends", $"{other.Name} leads"]);
    }

    private static async Task<(string Holder, long Transitions)> HolderAsync(KubeConnection connection)
    {
        var lease = (await connection.FindAsync(KindTable.Lease, "default", "one")).ShouldNotBeNull();
        return (lease.Spec!["holderIdentity"]!.GetValue<string>(), lease.Spec["leaseTransitions"]!.GetValue<long>());
    }

    private sealed class Replica : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly KubeConnection _connection;
        private readonly Task _running;

        public Replica(RunningApiServer server, string name, List<string> leaders)
        {
            Name = name;
            var clock = new FastClock(Times);
            _connection = new KubeConnection(server.Config, clock);
            _running = new LeaseElection(_connection, "default", "one", name, clock, new Random(1), _ => { }).RunAsync(LeadAsync, _stop.Token);

            async Task LeadAsync(CancellationToken cancel)
            {
                lock (leaders)
                    leaders.Add($"{name} leads");
                Leading.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                lock (leaders)
                    leaders.Add($"{name} ends");
            }
        }

        public string Name { get; }

        public TaskCompletionSource Leading { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Whatever it asks the API server from now on fails.</summary>
        public void CutOff() => _connection.Dispose();

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running.WaitAsync(Patience, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _connection.Dispose();
            _stop.Dispose();
        }
    }
}
