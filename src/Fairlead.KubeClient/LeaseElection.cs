using System.Globalization;
using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;

namespace Fairlead.KubeClient;

/// <summary>
/// One leader among replicas, by a Lease that its holder renews (coordination.k8s.io/v1, the protocol of client-go's leaderelection). A holder that
/// cannot renew stops leading before another may take over. Clocks of replicas are not compared: a candidate times the lease from when it saw it change.
/// </summary>
public sealed class LeaseElection(KubeConnection connection, string ns, string name, string identity, TimeProvider time, Random random, Action<string> report)
{
    /// <summary>How long a lease holds without being renewed (client-go's default).</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(15);

    /// <summary>A leader that has not renewed for this long stops leading.</summary>
    public static readonly TimeSpan RenewDeadline = TimeSpan.FromSeconds(10);

    /// <summary>How often the holder renews and candidates look.</summary>
    public static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(2);

    private string seenVersion = "";
    private long seenAt;
    private KubeObject? held;

    /// <summary>Runs <paramref name="lead"/> whenever we lead; its token ends when we no longer do. Returns by cancellation only, after giving the lease back.</summary>
    public async Task RunAsync(Func<CancellationToken, Task> lead, CancellationToken cancel)
    {
        while (true)
        {
            while (!await TryHoldAsync(cancel).ConfigureAwait(false))
                await Task.Delay(RetryPeriod * (1 + random.NextDouble() / 5), time, cancel).ConfigureAwait(false);
            report($"{identity} leads by lease {ns}/{name}");
            using var leading = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var work = lead(leading.Token);
            try
            {
                await RenewUntilLostAsync(work, cancel).ConfigureAwait(false);
            }
            finally
            {
                await leading.CancelAsync().ConfigureAwait(false);
                await EndAsync(work, leading.Token).ConfigureAwait(false);
                if (cancel.IsCancellationRequested)
                    await ReleaseAsync().ConfigureAwait(false);
            }
            report($"{identity} no longer leads by lease {ns}/{name}");
        }
    }

    private async Task RenewUntilLostAsync(Task work, CancellationToken cancel)
    {
        var renewedAt = time.GetTimestamp();
        while (!work.IsCompleted && time.GetElapsedTime(renewedAt) < RenewDeadline)
        {
            await Task.Delay(RetryPeriod, time, cancel).ConfigureAwait(false);
            if (await TryHoldAsync(cancel).ConfigureAwait(false))
                renewedAt = time.GetTimestamp();
            else if (held is null)
                return;
        }
    }

    private static async Task EndAsync(Task work, CancellationToken ended)
    {
        try
        {
            await work.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // Ended because we said so.
            return;
        }
    }

    /// <summary>Takes or renews the lease; false when another holds it, or the API server cannot be asked.</summary>
    private async Task<bool> TryHoldAsync(CancellationToken cancel)
    {
        try
        {
            var lease = await connection.FindAsync(KindTable.Lease, ns, name, cancel).ConfigureAwait(false);
            if (lease is null)
            {
                held = await connection.CreateAsync(KindTable.Lease, NewLease(), cancel).ConfigureAwait(false);
                return true;
            }
            if (lease.ResourceVersion != seenVersion)
                (seenVersion, seenAt) = (lease.ResourceVersion, time.GetTimestamp());
            var holder = Text(lease.Spec, "holderIdentity");
            if (holder.Length > 0 && holder != identity && time.GetElapsedTime(seenAt) < Duration)
            {
                held = null;
                return false;
            }
            held = await connection.UpdateAsync(KindTable.Lease, Renewed(lease, holder), cancel).ConfigureAwait(false);
            (seenVersion, seenAt) = (held.ResourceVersion, time.GetTimestamp());
            return true;
        }
        catch (KubeStatusException lost) when (lost.IsConflict || lost.IsAlreadyExists)
        {
            return false;
        }
        catch (Exception fault) when (fault is KubeStatusException or HttpRequestException)
        {
            report($"lease {ns}/{name}: {fault.Message}");
            return false;
        }
    }

    private async Task ReleaseAsync()
    {
        if (held is null)
            return;
        var released = held.DeepClone();
        released.Spec!["holderIdentity"] = "";
        released.Spec["leaseDurationSeconds"] = 1;
        try
        {
            await connection.UpdateAsync(KindTable.Lease, released, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is KubeStatusException or HttpRequestException)
        {
            report($"lease {ns}/{name} could not be given back ({fault.Message}); it ends by itself in {Duration.TotalSeconds:0} s");
        }
        held = null;
    }

    private KubeObject NewLease() => new(new JsonObject
    {
        ["apiVersion"] = "coordination.k8s.io/v1",
        ["kind"] = "Lease",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
        ["spec"] = new JsonObject
        {
            ["holderIdentity"] = identity,
            ["leaseDurationSeconds"] = (int)Duration.TotalSeconds,
            ["acquireTime"] = Now(),
            ["renewTime"] = Now(),
            ["leaseTransitions"] = 0,
        },
    });

    private KubeObject Renewed(KubeObject lease, string holder)
    {
        var renewed = lease.DeepClone();
        var spec = renewed.Spec ?? [];
        renewed.Root["spec"] ??= spec;
        spec["holderIdentity"] = identity;
        spec["leaseDurationSeconds"] = (int)Duration.TotalSeconds;
        spec["renewTime"] = Now();
        if (holder != identity)
        {
            spec["acquireTime"] = Now();
            spec["leaseTransitions"] = (spec["leaseTransitions"] is JsonValue value && value.TryGetValue(out long count) ? count : 0) + 1;
        }
        return renewed;
    }

    private string Now() => time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static string Text(JsonObject? node, string field) =>
        node?[field] is JsonValue value && value.TryGetValue(out string? text) ? text : "";
}
