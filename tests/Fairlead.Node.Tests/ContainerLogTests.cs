using System.Text;
using Fairlead.Node.Runtime;

namespace Fairlead.Node.Tests;

public sealed class ContainerLogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fairlead-log-").FullName;

    private string Current => Path.Combine(_folder, "0.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_line_in_parts_is_one_line_and_every_file_is_read_once()
    {
        File.WriteAllText(Current + ".20260101-000000-000", "2026-01-01T00:00:00Z stdout F old\n");
        File.WriteAllText(Current, "2026-01-02T00:00:00Z stdout P ne\n2026-01-02T00:00:01Z stdout F w\n2026-01-02T00:00:02Z stderr F last\n");
        (await ReadAsync(new LogReading())).ShouldBe("old\nnew\nlast\n");
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(2, "new\nlast\n")]
    [InlineData(9, "old\nnew\nlast\n")]
    public async Task The_tail_counts_whole_lines_across_files(long lines, string expected)
    {
        File.WriteAllText(Current + ".20260101-000000-000", "2026-01-01T00:00:00Z stdout F old\n");
        File.WriteAllText(Current, "2026-01-02T00:00:00Z stdout P ne\n2026-01-02T00:00:01Z stdout F w\n2026-01-02T00:00:02Z stderr F last\n");
        (await ReadAsync(new LogReading { TailLines = lines })).ShouldBe(expected);
    }

    [Fact]
    public async Task Since_timestamps_and_bytes_bound_what_is_read()
    {
        File.WriteAllText(Current, "2026-01-01T00:00:00Z stdout F old\n2026-01-02T00:00:00Z stdout F new\n");
        (await ReadAsync(new LogReading { Since = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero), Timestamps = true })).ShouldBe("2026-01-02T00:00:00.000000000Z new\n");
        (await ReadAsync(new LogReading { LimitBytes = 6 })).ShouldBe("old\nne");
    }

    [Fact]
    public async Task Times_are_shown_as_a_kubelet_shows_them_once_a_line()
    {
        File.WriteAllText(Current, "2026-01-01T00:00:00.096672094+00:00 stdout P ne\n2026-01-01T00:00:01.5+02:00 stdout F w\n2026-01-01T00:00:02.25+02:00 stdout F x\n");
        (await ReadAsync(new LogReading { Timestamps = true })).ShouldBe("2026-01-01T00:00:00.096672094Z new\n2026-01-01T00:00:02.250000000+02:00 x\n");
    }

    private async Task<string> ReadAsync(LogReading reading)
    {
        using var output = new MemoryStream();
        await new ContainerLog(Current, TimeProvider.System).WriteToAsync(output, reading, () => true, default);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
