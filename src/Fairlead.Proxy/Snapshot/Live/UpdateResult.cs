namespace Fairlead.Proxy.Snapshot.Live;

/// <summary>What became of one response: accepted in whole, or some resources refused while the good ones were applied.</summary>
/// <param name="Errors">By resource name; empty = acknowledge.</param>
internal sealed record UpdateResult(IReadOnlyList<(string Name, string Reason)> Errors)
{
    public static readonly UpdateResult Accepted = new([]);

    public bool IsAccepted => Errors.Count == 0;

    /// <summary>The text of the refusal, in Envoy's form.</summary>
    public string Message(string kind) =>
        $"Error adding/updating {kind}(s) {string.Join(", ", Errors.Select(error => $"{error.Name}: {error.Reason}"))}";
}
