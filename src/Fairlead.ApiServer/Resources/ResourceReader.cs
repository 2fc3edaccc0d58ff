using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.ApiServer.Serving;
using Fairlead.ApiServer.Store;
using Fairlead.Config.Kinds;
using Microsoft.AspNetCore.Http;

namespace Fairlead.ApiServer.Resources;

/// <summary>A page of a list, as it stood at one revision.</summary>
public sealed record ListPage(IReadOnlyList<StoredObject> Items, long Revision, string Continue, long Remaining);

/// <summary>What a list or watch selects.</summary>
public sealed record Selection(string Namespace, LabelSelector Labels, FieldSelector Fields)
{
    public bool Matches(StoredObject stored) =>
        (Namespace.Length == 0 || stored.Key.Namespace == Namespace) && Labels.Matches(stored.Labels) && Fields.Matches(stored);

    public static Selection Of(IQueryCollection query, KindDescriptor kind, string version, string @namespace) =>
        new(@namespace, LabelSelector.Parse(query.Text("labelSelector")), FieldSelector.Parse(query.Text("fieldSelector"), kind, version));
}

/// <summary>Lists with selectors and pages. Pages of one list are cut from the same state, which is kept for a while.</summary>
public sealed class ResourceReader(ObjectStore store, TimeProvider time)
{
    /// <summary>States kept for lists that are still being paged through; they share all that did not change.</summary>
    private const int PagedStates = 32;

    /// <summary>How long a list may be paged through (the real server: 5 minutes, its compaction).</summary>
    private static readonly TimeSpan PagedLife = TimeSpan.FromMinutes(5);

    private readonly Lock gate = new();
    private readonly LinkedList<(StoreState State, DateTimeOffset Since)> paged = new();

    public ListPage List(KindDescriptor kind, Selection selection, IQueryCollection query)
    {
        var limit = query.Number("limit") ?? 0;
        if (limit < 0)
            throw Refusal.BadRequest("limit must not be negative");
        var token = query.Text("continue");
        var (state, after) = token.Length > 0 ? Resume(token) : (Fresh(query), "");
        var items = new List<StoredObject>();
        long remaining = 0;
        var next = "";
        foreach (var stored in state.Of(kind).Values)
        {
            if (after.Length > 0 && string.CompareOrdinal(stored.Key.Path, after) <= 0 || !selection.Matches(stored))
                continue;
            if (limit > 0 && items.Count == limit)
                remaining++;
            else
                items.Add(stored);
        }
        if (remaining > 0)
        {
            Keep(state);
            next = Encode(state.Revision, items[^1].Key.Path);
        }
        return new ListPage(items, state.Revision, next, remaining);
    }

    private StoreState Fresh(IQueryCollection query)
    {
        var state = store.State;
        var wanted = query.Text("resourceVersion");
        var match = query.Text("resourceVersionMatch");
        if (match is not ("" or "Exact" or "NotOlderThan"))
            throw InvalidOptions($"Unsupported value: \"{match}\": supported values: \"Exact\", \"NotOlderThan\"");
        if (match.Length > 0 && wanted.Length == 0)
            throw InvalidOptions("Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided");
        if (match == "Exact" && wanted == "0")
            throw InvalidOptions("Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
        if (wanted.Length == 0 || wanted == "0")
            return state;
        var revision = Revision(wanted);
        if (revision > state.Revision)
            throw Refusal.FutureVersion(revision, state.Revision);
        if (match == "Exact" && revision != state.Revision)
            return Kept(revision) ?? throw Refusal.Expired($"The provided resource version {revision} is no longer available");
        return state;
    }

    /// <summary>A revision as a client names it.</summary>
    /// <exception cref="Refusal">400: it is none.</exception>
    internal static long Revision(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
        ? revision
        : throw Refusal.BadRequest($"resourceVersion: Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax");

    private static Refusal InvalidOptions(string fault) => new(422, "Invalid", $"ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: {fault}");

    private (StoreState State, string After) Resume(string token)
    {
        try
        {
            var parsed = JsonNode.Parse(Convert.FromBase64String(token.Replace('-', '+').Replace('_', '/')));
            var revision = parsed.NumberAt("rv") ?? throw new FormatException("no revision");
            var state = Kept(revision) ?? throw Refusal.Expired(
                "The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.");
            return (state, parsed.TextAt("start"));
        }
        catch (Exception fault) when (fault is FormatException or JsonException)
        {
            throw Refusal.BadRequest($"continue key is not valid: {fault.Message}");
        }
    }

    private static string Encode(long revision, string path) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(new JsonObject { ["v"] = "meta.k8s.io/v1", ["rv"] = revision, ["start"] = path }.ToJsonString(JsonText.Relaxed)))
            .Replace('+', '-').Replace('/', '_');

    private void Keep(StoreState state)
    {
        lock (gate)
        {
            Expire();
            if (paged.Any(kept => kept.State.Revision == state.Revision))
                return;
            paged.AddLast((state, time.GetUtcNow()));
            if (paged.Count > PagedStates)
                paged.RemoveFirst();
        }
    }

    private StoreState? Kept(long revision)
    {
        lock (gate)
        {
            Expire();
            foreach (var (state, _) in paged)
            {
                if (state.Revision == revision)
                    return state;
            }
            return store.State is { } current && current.Revision == revision ? current : null;
        }
    }

    private void Expire()
    {
        while (paged.First is { } oldest && time.GetUtcNow() - oldest.Value.Since > PagedLife)
            paged.RemoveFirst();
    }
}
