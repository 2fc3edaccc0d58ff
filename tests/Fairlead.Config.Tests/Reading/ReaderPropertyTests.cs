using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.Config.Analysis;
using Fairlead.Config.Kinds;
using Fairlead.Config.Reading;
using Fairlead.Config.Schemas;
using Fairlead.Config.Validation;
using FsCheck;
using FsCheck.Fluent;

namespace Fairlead.Config.Tests.Reading;

/// <summary>What holds for any input: reading and writing give the same tree, and no content makes a reader or a rule fail.</summary>
public sealed class ReaderPropertyTests
{
    private static readonly string[] Keys = ["hosts", "host", "ports", "number", "name", "protocol", "http", "route", "match", "uri", "regex", "timeout", "tls", "mode", "labels", "metadata", "spec", "a b", "x.y/z", ""];
    private static readonly string[] Texts = ["", "*", "*.a.com", "a.com", "3s", "DNS", "HTTP", "80", "no", "~", "(", "\u00e9\n", "'", "\"q\"", "- a", "unix://", "10.0.0.0/8", "%"];

    private static readonly FsCheck.Config Runs = FsCheck.Config.QuickThrowOnFailure.WithMaxTest(300);

    // Trees of JSON built from a seed, so that a failure is repeated by its seed alone.
    private static JsonNode? Node(Random random, int depth) => random.Next(depth > 4 ? 5 : 8) switch
    {
        0 => null,
        1 => JsonValue.Create(random.Next(2) == 0),
        2 => JsonValue.Create((long)random.Next(-5, 100_000)),
        3 => JsonValue.Create(random.NextDouble()),
        4 => JsonValue.Create(Texts[random.Next(Texts.Length)]),
        5 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Node(random, depth + 1))]),
        _ => Fields(random, depth),
    };

    private static JsonObject Fields(Random random, int depth)
    {
        var fields = new JsonObject();
        foreach (var key in Enumerable.Range(0, random.Next(5)).Select(_ => Keys[random.Next(Keys.Length)]).Distinct())
            fields[key] = Node(random, depth + 1);
        return fields;
    }

    private static KubeObject Random(int seed)
    {
        var random = new Random(seed);
        var kind = KindTable.All[random.Next(KindTable.All.Count)];
        var root = new JsonObject
        {
            ["apiVersion"] = kind.ApiVersion(kind.Versions[0]),
            ["kind"] = kind.Kind,
            ["metadata"] = new JsonObject { ["name"] = "x" },
            ["spec"] = Likely(random, SchemaTable.Find(kind.Group, kind.Versions[0], kind.Kind)!.Root.ByName.GetValueOrDefault("spec")?.Object, 0),
        };
        return new KubeObject(root);
    }

    // Mostly fields that the kind has, so that rules are reached, with values that often have the wrong type.
    private static JsonNode? Likely(Random random, ObjectSchema? schema, int depth)
    {
        if (schema is null || depth > 5 || random.Next(10) == 0)
            return Node(random, depth);
        var fields = new JsonObject();
        foreach (var (name, field) in schema.ByName)
        {
            if (random.Next(3) != 0)
                continue;
            JsonNode? value = field.Object is null && field.Enum.Count > 0 && random.Next(2) == 0 ? JsonValue.Create(field.Enum[random.Next(field.Enum.Count)]) : Likely(random, field.Object, depth + 1);
            fields[name] = random.Next(8) == 0 ? Node(random, depth) : field.IsList ? new JsonArray(value, Likely(random, field.Object, depth + 1)) : field.IsMap ? new JsonObject { [Keys[random.Next(Keys.Length)]] = value } : value;
        }
        return fields;
    }

    [Fact]
    public void Json_that_is_written_is_read_back_the_same() =>
        Check.One(Runs, Prop.ForAll<int>(seed =>
        {
            var written = Fields(new Random(seed), 0).ToJsonString(JsonText.Relaxed);
            JsonReader.Read(Encoding.UTF8.GetBytes(written), out var duplicates).ToJson().ShouldBe(written);
            duplicates.ShouldBeEmpty();
        }));

    [Fact]
    public void Json_is_read_as_yaml_to_the_same_tree() =>
        Check.One(Runs, Prop.ForAll<int>(seed =>
        {
            var tree = Fields(new Random(seed), 0);
            tree["kind"] = "A";
            var document = new YamlReader().Read(tree.ToJsonString(JsonText.Relaxed), "").ShouldHaveSingleItem();
            JsonNode.DeepEquals(document.Object.ShouldNotBeNull().Root, tree).ShouldBeTrue(tree.ToJsonString());
        }));

    [Fact]
    public void No_content_makes_reading_validation_or_analysis_fail() =>
        Check.One(Runs, Prop.ForAll<int>(seed =>
        {
            var target = Random(seed);
            StrictDecoder.Decode(SchemaTable.Find(target)!, target).Count.ShouldBeLessThanOrEqualTo(StrictDecoder.MaxProblems);
            Validator.Validate(target).ShouldAllBe(finding => finding.Message.Length > 0 && finding.Remedy.Length > 0);
            Defaults.Apply(target.DeepClone());
            Analyzer.Analyze(new AnalysisInput([target, Random(seed + 1), Random(seed + 2)])).ShouldNotBeNull();
        }));

    [Fact]
    public void Typed_records_of_equal_trees_are_equal() =>
        Check.One(Runs, Prop.ForAll<int>(seed =>
        {
            var target = Random(seed);
            VirtualService.Read(target).ShouldBe(VirtualService.Read(target.DeepClone()));
            DestinationRule.Read(target).ShouldBe(DestinationRule.Read(target.DeepClone()));
            ServiceEntry.Read(target).ShouldBe(ServiceEntry.Read(target.DeepClone()));
            Pod.Read(target).ShouldBe(Pod.Read(target.DeepClone()));
            Service.Read(target).ShouldBe(Service.Read(target.DeepClone()));
            Sidecar.Read(target).ShouldBe(Sidecar.Read(target.DeepClone()));
            Telemetry.Read(target).ShouldBe(Telemetry.Read(target.DeepClone()));
        }));

    [Fact]
    public void An_unrelated_resource_adds_no_finding() =>
        Check.One(Runs, Prop.ForAll<int>(seed =>
        {
            var objects = new[] { Random(seed), Random(seed + 1) };
            var unrelated = Manifest.Networking("ServiceEntry", "{hosts: [far.unrelated.example], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}", "{name: unrelated, namespace: elsewhere}");
            var before = Analyzer.Analyze(new AnalysisInput(objects));
            var after = Analyzer.Analyze(new AnalysisInput([.. objects, unrelated]));
            after.Select(finding => finding.ToString()).ShouldBe(before.Select(finding => finding.ToString()));
        }));

    [Fact]
    public void Fuzzed_text_is_read_or_refused_and_nothing_else()
    {
        var seeds = new[]
        {
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: &l {x: y}}\nspec:\n  containers:\n  - name: c\n    image: \"i\"\n    args: [a, 'b', *l]\n---\n<<: *l\n",
            "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[{\"kind\":\"A\"},1,null]}",
            "a: |\n  text\nb: >-\n  more\n? k\n: v\n!!str c: !!int '1'\n",
        };
        var random = new Random(20260101);
        var readings = 0;
        for (var i = 0; i < 4_000; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(seeds[i % seeds.Length]);
            for (var change = random.Next(1, 6); change > 0; change--)
                bytes[random.Next(bytes.Length)] = random.Next(4) == 0 ? (byte)random.Next(256) : (byte)"{}[]:,-*&#|>'\"\n \t?!%@`"[random.Next(22)];
            foreach (var document in new YamlReader().Read(bytes, "fuzz"))
            {
                readings++;
                (document.Object is not null || document.Faults.Count > 0).ShouldBeTrue();
                DocumentValidator.Check(document).ShouldAllBe(finding => finding.Position != null);
            }
            try
            {
                _ = JsonReader.Read(bytes, out _);
            }
            catch (JsonException refused)
            {
                refused.Message.ShouldNotBeEmpty();
            }
        }
        readings.ShouldBeGreaterThan(1_000);
    }
}
