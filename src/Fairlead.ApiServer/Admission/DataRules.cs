using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Serving;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Admission;

/// <summary>Rules of ConfigMap and Secret (Kubernetes, pkg/apis/core/validation: ValidateConfigMap, ValidateSecret and their updates).</summary>
internal static partial class DataRules
{
    /// <summary>Bytes of all values of one object together (1 MiB).</summary>
    private const int Limit = 1 << 20;

    private const int KeyLimit = 253;
    private const string Fixed = "field is immutable when `immutable` is set";

    public static void Validate(KindDescriptor kind, KubeObject target, KubeObject? old, List<FieldCause> causes)
    {
        var isSecret = kind == KindTable.Secret;
        var (plain, coded) = isSecret ? ("", "data") : ("data", "binaryData");
        var bytes = 0;
        foreach (var (key, value) in Fields(target, plain))
        {
            bytes += Encoding.UTF8.GetByteCount(value);
            if (Fields(target, coded).ContainsKey(key))
                causes.Add(FieldCause.Invalid($"{plain}[{key}]", $"\"{key}\"", $"duplicate of key present in {coded}"));
        }
        foreach (var (key, value) in Fields(target, coded))
        {
            if (Base64.IsValid(value, out var decoded))
                bytes += decoded;
            else
                // The value stays out of the text: it is a secret's.
                causes.Add(FieldCause.Invalid($"{coded}[{key}]", "\"...\"", "must be base64; write plain text in " + (isSecret ? "stringData" : "data")));
        }
        foreach (var key in Fields(target, plain).Keys.Concat(Fields(target, coded).Keys).Where(key => key.Length > KeyLimit || key is "." or ".." || !DataKey().IsMatch(key)))
            causes.Add(FieldCause.Invalid($"{coded}[{key}]", $"\"{key}\"", "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"));
        if (bytes > Limit)
            causes.Add(new FieldCause("FieldValueTooLong", $"Too long: must have at most {Limit} bytes", isSecret ? "data" : "[]"));
        if (old is not null)
            Change(kind, target, old, causes);
    }

    private static void Change(KindDescriptor kind, KubeObject target, KubeObject old, List<FieldCause> causes)
    {
        if (kind == KindTable.Secret && target.Root.TextAt("type") != old.Root.TextAt("type"))
            causes.Add(FieldCause.Invalid("type", $"\"{target.Root.TextAt("type")}\"", "field is immutable"));
        if (!old.Root.FlagAt("immutable"))
            return;
        foreach (var field in (string[])["immutable", "data", "binaryData"])
        {
            if (!JsonNode.DeepEquals(old.Root[field], target.Root[field]))
                causes.Add(FieldCause.Forbidden(field, Fixed));
        }
    }

    private static IReadOnlyDictionary<string, string> Fields(KubeObject target, string name) => target.Root.TextMapAt(name);

    [GeneratedRegex(@"^[-._a-zA-Z0-9]+\z")]
    private static partial Regex DataKey();
}
