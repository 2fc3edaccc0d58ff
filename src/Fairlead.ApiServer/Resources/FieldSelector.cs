using Fairlead.ApiServer.Serving;
using Fairlead.ApiServer.Store;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Resources;

/// <summary><c>metadata.name=x,status.phase!=Running</c>: only over the fields that <see cref="SelectableFields"/> names.</summary>
public sealed class FieldSelector
{
    private readonly List<(string Path, string Value, bool Negated)> terms = [];

    public bool IsEmpty => terms.Count == 0;

    public static FieldSelector Parse(string text, KindDescriptor kind, string version)
    {
        var selector = new FieldSelector();
        foreach (var term in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = term.IndexOf('=');
            if (equals <= 0)
                throw Refusal.BadRequest($"invalid field selector: \"{text}\"; can't understand '{term}'");
            var negated = term[equals - 1] == '!';
            var path = term[..(negated ? equals - 1 : equals)].Trim();
            var value = term[(equals + 1)..].TrimStart('=').Trim();
            if (!SelectableFields.Names(kind).Contains(path))
                throw Refusal.BadRequest($"Unable to find \"{kind.ApiVersion(version)}, Resource={kind.Plural}\" that match label selector \"\", field selector \"{text}\": field label not supported: {path}");
            selector.terms.Add((path, value, negated));
        }
        return selector;
    }

    public bool Matches(StoredObject stored)
    {
        foreach (var (path, value, negated) in terms)
        {
            if ((stored.Fields.GetValueOrDefault(path, "") == value) == negated)
                return false;
        }
        return true;
    }
}
