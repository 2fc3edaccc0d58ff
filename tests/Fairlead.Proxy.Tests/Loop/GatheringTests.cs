using Fairlead.Proxy.Loop;

namespace Fairlead.Proxy.Tests.Loop;

public sealed class GatheringTests
{
    private readonly Gathering _gathering = new() { Requests = 64 };

    [Fact]
    public void A_loop_with_little_to_do_waits_for_its_next_event()
    {
        _gathering.Due(1);
        _gathering.Count(Gathering.LoadedEvents - 1);

        _gathering.Due(2).ShouldBe(0);
    }

    [Fact]
    public void A_loaded_loop_pauses_for_the_whole_millisecond_that_follows()
    {
        _gathering.Due(1);
        _gathering.Count(Gathering.LoadedEvents);

        _gathering.Due(2).ShouldBeGreaterThan(0);
        _gathering.Due(2).ShouldBeGreaterThan(0);
        _gathering.Due(3).ShouldBe(0, "nothing came in the millisecond before");
    }

    [Fact]
    public void A_turn_of_some_milliseconds_counts_as_many_times()
    {
        _gathering.Due(1);
        _gathering.Count(Gathering.LoadedEvents * 3);

        _gathering.Due(4).ShouldBeGreaterThan(0);
        _gathering.Count(Gathering.LoadedEvents * 3 - 1);
        _gathering.Due(7).ShouldBe(0);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 20)]
    [InlineData(5, 20)]
    [InlineData(30, 120)]
    [InlineData(50, 200)]
    [InlineData(9000, 200)]
    public void The_more_requests_are_under_way_the_longer_a_pause_within_bounds(int requests, int microseconds)
    {
        _gathering.Requests = requests;
        _gathering.Due(1);
        _gathering.Count(1000);

        _gathering.Due(2).ShouldBe(microseconds);
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(3, 24)]
    [InlineData(20, 160)]
    [InlineData(30, 200)]
    public void One_of_several_loops_pauses_for_its_part_of_the_requests_as_one_would_for_all(int requests, int microseconds)
    {
        var gathering = new Gathering(loops: 2) { Requests = requests };
        gathering.Due(1);
        gathering.Count(1000);

        gathering.Due(2).ShouldBe(microseconds);
    }

    [Fact]
    public void Pauses_that_gather_nothing_end_for_a_while()
    {
        for (var i = 0; i < Gathering.VainPauses; i++)
        {
            Load(i + 1);
            _gathering.Due(i + 2).ShouldBeGreaterThan(0, $"pause {i}");
            _gathering.Paused();
            _gathering.Count(1);
        }
        var since = Gathering.VainPauses + 1;

        Load(since);
        _gathering.Due(since + 1).ShouldBe(0);
        Load(since + Gathering.RestMilliseconds);
        _gathering.Due(since + Gathering.RestMilliseconds + 1).ShouldBeGreaterThan(0);
    }

    [Fact]
    public void One_that_gathers_forgives_the_vain_ones_before_it()
    {
        for (var i = 0; i < Gathering.VainPauses * 3; i++)
        {
            Load(i + 1);
            _gathering.Due(i + 2).ShouldBeGreaterThan(0, $"pause {i}");
            _gathering.Paused();
            _gathering.Count(i % Gathering.VainPauses == 0 ? 2 : 1);
        }
    }

    private void Load(long millisecond)
    {
        _gathering.Due(millisecond);
        _gathering.Count(Gathering.LoadedEvents);
    }
}
