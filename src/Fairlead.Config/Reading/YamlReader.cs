using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Fairlead.Config.Reading;

/// <summary>
/// Reads YAML (and JSON, which is YAML) into API objects with the place of every field. Scalars become what Kubernetes'
/// reader makes of them: YAML 1.1 booleans, integers, floats, null; quoted ones are text. Hostile input is refused within
/// <see cref="ReadLimits"/>.
/// </summary>
public sealed class YamlReader(ReadLimits? limits = null)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly ReadLimits limits = limits ?? ReadLimits.Default;

    /// <summary>Reads every document of a file or standard input. Empty documents are passed over; a List is unpacked into its items.</summary>
    public IReadOnlyList<SourceDocument> Read(ReadOnlySpan<byte> utf8, string path)
    {
        if (utf8.Length > limits.MaxBytes)
            return [Failed(path, 1, 1, $"the text has {utf8.Length} bytes; at most {limits.MaxBytes} are read")];
        if (utf8.StartsWith("\uFEFF"u8))
            utf8 = utf8[3..];
        string text;
        try
        {
            text = StrictUtf8.GetString(utf8);
        }
        catch (DecoderFallbackException fault)
        {
            return [FailedEncoding(utf8, path, fault.Index)];
        }
        return Read(text, path);
    }

    public IReadOnlyList<SourceDocument> Read(string text, string path)
    {
        if (text.Length > limits.MaxBytes)
            return [Failed(path, 1, 1, $"the text has {text.Length} characters; at most {limits.MaxBytes} are read")];
        if (ScanGuard.Refusal(text, limits) is { } refusal)
            return [Failed(path, refusal.Line, refusal.Column, refusal.Message)];
        var documents = new List<SourceDocument>();
        var parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
        try
        {
            while (parser.MoveNext())
            {
                if (parser.Current is not DocumentStart start)
                    continue;
                if (documents.Count >= limits.MaxDocuments)
                {
                    documents.Add(Failed(path, (int)start.Start.Line, (int)start.Start.Column, $"more than {limits.MaxDocuments} documents in one text"));
                    return documents;
                }
                parser.MoveNext();
                if (!ReadDocument(parser, path, documents))
                    return documents;
            }
        }
        catch (YamlException fault)
        {
            documents.Add(Failed(path, (int)fault.Start.Line, (int)fault.Start.Column, "invalid YAML: " + Plain(fault)));
        }
        catch (Exception fault) when (IsOfScanner(fault))
        {
            var at = parser.Current?.End ?? Mark.Empty;
            documents.Add(Failed(path, (int)at.Line, (int)at.Column, "invalid YAML: not understood after this place"));
        }
        return documents;
    }

    /// <summary>One mapping, as of a ConfigMap's key; an empty text is an empty mapping. Null with a fault when it is none.</summary>
    public JsonObject? ReadMapping(string text, string path, out ReadFault? fault)
    {
        fault = null;
        if (string.IsNullOrWhiteSpace(text))
            return [];
        var documents = Read(text, path);
        if (documents.Count == 0)
            return [];
        fault = documents.SelectMany(document => document.Faults).FirstOrDefault();
        if (fault is null && documents.Count > 1)
            fault = new ReadFault("the text holds more than one document", documents[1].Start);
        return fault is null ? documents[0].Object!.Root : null;
    }

    // False when the document was refused: the parser then stands in its middle, and what follows is not read.
    private bool ReadDocument(Parser parser, string path, List<SourceDocument> documents)
    {
        var map = new SourceMap(path);
        var builder = new YamlTreeBuilder(parser, map, limits);
        var begin = parser.Current!.Start;
        var start = new SourcePosition(path, (int)begin.Line, (int)begin.Column);
        JsonNode? root;
        try
        {
            root = builder.Build();
        }
        catch (YamlRefusedException refused)
        {
            documents.Add(Failed(path, refused.Line, refused.Column, refused.Message));
            return false;
        }
        if (root is null)
            return true;
        if (root is not JsonObject tree)
        {
            documents.Add(Failed(path, start.Line, start.Column, "a document must be a mapping (apiVersion, kind, metadata ...)"));
            return true;
        }
        if (tree.Text("kind") == "List" && tree["items"] is JsonArray items && tree.Text("apiVersion") == "v1")
        {
            Unpack(items, map, start, builder, documents);
            return true;
        }
        documents.Add(new SourceDocument(new KubeObject(tree), map, start, Duplicates(builder, path)) { DuplicateFields = [.. builder.Duplicates.Select(duplicate => duplicate.FieldPath)] });
        return true;
    }

    private static void Unpack(JsonArray items, SourceMap map, SourcePosition start, YamlTreeBuilder builder, List<SourceDocument> documents)
    {
        var faults = Duplicates(builder, map.Path);
        var index = 0;
        foreach (var item in items.ToArray())
        {
            if (item is JsonObject tree)
            {
                items[index] = null;
                documents.Add(new SourceDocument(new KubeObject(tree), map, map.Find(tree, ""), faults));
                faults = [];
            }
            else
            {
                documents.Add(Failed(map.Path, start.Line, start.Column, $"items[{index}] of the List is not an object"));
            }
            index++;
        }
    }

    private static IReadOnlyList<ReadFault> Duplicates(YamlTreeBuilder builder, string path) =>
        [.. builder.Duplicates.Select(duplicate =>
            new ReadFault($"duplicate field \"{duplicate.FieldPath}\"", new SourcePosition(path, duplicate.Line, duplicate.Column)))];

    private static SourceDocument Failed(string path, int line, int column, string message)
    {
        var position = new SourcePosition(path, line, column);
        return new SourceDocument(null, new SourceMap(path), position, [new ReadFault(message, position)]);
    }

    private static SourceDocument FailedEncoding(ReadOnlySpan<byte> utf8, string path, int index)
    {
        var before = utf8[..Math.Clamp(index, 0, utf8.Length)];
        var line = before.Count((byte)'\n') + 1;
        return Failed(path, line, before.Length - before.LastIndexOf((byte)'\n'), "invalid UTF-8; save the file as UTF-8");
    }

    // Malformed text makes the package's scanner throw these too, beside its own exception (found by the fuzz test).
    private static bool IsOfScanner(Exception fault) =>
        fault is InvalidOperationException or ArgumentException or FormatException or OverflowException or IndexOutOfRangeException or KeyNotFoundException or NullReferenceException;

    private static string Plain(YamlException fault)
    {
        var text = fault.InnerException?.Message ?? fault.Message;
        var colon = text.StartsWith('(') ? text.IndexOf("): ", StringComparison.Ordinal) : -1;
        return colon > 0 ? text[(colon + 3)..] : text;
    }
}
