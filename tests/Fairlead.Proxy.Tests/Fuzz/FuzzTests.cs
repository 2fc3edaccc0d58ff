using System.Text;
using Fairlead.Proxy.Bootstrap;
using Fairlead.Proxy.Dns;
using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Listeners;
using Fairlead.Proxy.Snapshot.Compile;
using Fairlead.Proxy.Telemetry.Logging;

namespace Fairlead.Proxy.Tests.Fuzz;

/// <summary>
/// Each parser of bytes from outside against inputs made from its corpus: it takes them or refuses them as documented, whatever the cuts,
/// and never throws anything else. An input that once broke a parser becomes a file of the corpus.
/// </summary>
public sealed class FuzzTests
{
    private const int Smoke = 4_000;
    private const int Full = 2_000_000;

    private static readonly Http1Limits Limits = new(8 * 1024, 100, false, false, false);
    private static readonly LogFormatCompiler Formats = new(new OperatorEnvironment(TimeProvider.System, static () => "host", _ => null));

    private static readonly Dictionary<string, Func<byte[], Random, bool>> Targets = new()
    {
        ["request"] = (bytes, random) => ReadsAlike(bytes, random, isRequest: true),
        ["response"] = (bytes, random) => ReadsAlike(bytes, random, isRequest: false),
        ["client-hello"] = (bytes, _) => ClientHello.Read(bytes, 4096, out var hello) == ClientHello.Outcome.Found && hello is not null,
        ["dns"] = (bytes, _) => DnsMessage.ReadResponse(bytes, 7, "www.example.com", DnsRecordType.A) is not null,
        ["bootstrap"] = (bytes, _) => ReadsBootstrap(Encoding.UTF8.GetString(bytes)),
        ["format"] = (bytes, _) => ReadsFormat(Encoding.UTF8.GetString(bytes)),
    };

    public static TheoryData<string> Names => [.. Targets.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_the_corpus_holds_is_accepted(string target)
    {
        foreach (var (name, bytes) in Corpus(target)) Targets[target](bytes, new Random(1)).ShouldBeTrue(name);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_sample_of_broken_inputs_is_taken_or_refused(string target) => Fuzz(target, 1, Smoke);

    [Theory]
    [Trait("Category", "Soak")]
    [MemberData(nameof(Names))]
    public void Broken_inputs_are_taken_or_refused(string target) => Fuzz(target, 2, target == "bootstrap" ? Full / 20 : Full);

    private static void Fuzz(string target, int seed, int count)
    {
        var mutator = new Mutator(seed, [.. Corpus(target).Select(entry => entry.Bytes)]);
        var accepted = 0;
        for (var i = 0; i < count; i++)
        {
            var input = mutator.Next();
            try
            {
                if (Targets[target](input, mutator.Random)) accepted++;
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                Assert.Fail($"{target}, input {i} of seed {seed}: {fault}\n{Convert.ToBase64String(input)}");
            }
        }
        // Inputs that are all refused at the first byte would show nothing.
        accepted.ShouldBeInRange(count / 200, count);
    }

    private static IEnumerable<(string Name, byte[] Bytes)> Corpus(string target) =>
        Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Fuzz", "corpus", target)).Order(StringComparer.Ordinal).Select(path => (path, File.ReadAllBytes(path)));

    /// <summary>The messages of a stream at once and cut at random places must be the same: else a cut could smuggle.</summary>
    private static bool ReadsAlike(byte[] bytes, Random random, bool isRequest)
    {
        var whole = Read(bytes, () => int.MaxValue, isRequest);
        var cut = Read(bytes, () => random.Next(1, 9), isRequest);
        if (whole != cut) throw new InvalidOperationException($"at once:\n{whole}\nin pieces:\n{cut}");
        return !whole.Contains("refused", StringComparison.Ordinal);
    }

    private static string Read(byte[] bytes, Func<int> step, bool isRequest)
    {
        var told = new StringBuilder();
        var body = new StringBuilder();
        var (parser, reader, headers) = (new HeadParser(isRequest), new BodyReader(), new HeaderBlock());
        var inBody = false;
        for (int start = 0, end = 0; ;)
        {
            ParseStatus status;
            int consumed;
            if (inBody)
            {
                status = reader.Read(bytes.AsSpan(start, end - start), null, Limits, out consumed, out var data);
                body.Append(Encoding.Latin1.GetString(data));
            }
            else
            {
                status = parser.Parse(bytes.AsSpan(start, end - start), headers, Limits, requestMethodIsHead: false, out consumed);
            }
            start += consumed;
            if (status == ParseStatus.Failed) return told.Append("refused: ").Append(inBody ? reader.Error : parser.Error).ToString();
            if (status == ParseStatus.Complete)
            {
                if (inBody) told.Append("complete: ").Append(body.Length).Append(' ').Append(body).Append('\n');
                else told.Append(Head(headers)).Append(' ').Append(parser.Body).Append('\n');
                if (!inBody) reader.Begin(parser.Body, parser.ContentLength);
                inBody = !inBody;
                if (!inBody)
                {
                    parser.Reset();
                    headers.Clear();
                    body.Clear();
                }
                if (!inBody || !reader.IsComplete) continue;
                told.Append("complete\n");
                inBody = false;
                parser.Reset();
                headers.Clear();
                continue;
            }
            if (consumed > 0 && start < end) continue;
            if (end == bytes.Length) return told.Append(inBody ? $"in the body: {body}" : "in the head").ToString();
            end = (int)Math.Min((long)end + step(), bytes.Length);
        }
    }

    private static string Head(HeaderBlock headers)
    {
        var text = new StringBuilder($"{Text(headers.Method)} {Text(headers.Path)} {Text(headers.Authority)} {Text(headers.Status)}");
        for (var slot = 0; slot < headers.SlotCount; slot++)
        {
            if (headers.IsLive(slot)) text.Append('|').Append(Text(headers.Name(slot))).Append('=').Append(Text(headers.Value(slot)));
        }
        return text.ToString();
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    private static bool ReadsBootstrap(string text)
    {
        var errors = new List<string>();
        var bootstrap = BootstrapLoader.Load(text, "fuzz", errors, []);
        if ((bootstrap is null) != (errors.Count > 0)) throw new InvalidOperationException($"a document without errors and without a result, or the reverse: {string.Join("; ", errors)}");
        return bootstrap is not null;
    }

    private static bool ReadsFormat(string text)
    {
        try
        {
            Formats.Text(text, false, "format");
            return true;
        }
        catch (ConfigException refused)
        {
            refused.Message.ShouldContain("format");
            return false;
        }
    }
}
