using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Serving;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Admission;

public enum AdmissionOperation
{
    Create,
    Update,
    Delete,
    Connect,
}

/// <summary>What stands between a well-formed object and the store: webhooks that change, rules, webhooks that refuse.</summary>
public sealed class AdmissionChain
{
    private readonly WebhookDispatcher webhooks;
    private readonly ServiceAddresses addresses;
    private readonly ServiceAccountAdmission accounts;

    internal AdmissionChain(WebhookDispatcher webhooks, ServiceAddresses addresses, ServiceAccountAdmission accounts)
    {
        this.webhooks = webhooks;
        this.addresses = addresses;
        this.accounts = accounts;
    }

    /// <summary>The object as admission wants it: a pod gets its token volume, then the mutating webhooks have their say.</summary>
    public async Task<KubeObject> MutateAsync(ResourceRequest request, AdmissionOperation operation, KubeObject target, KubeObject? old)
    {
        if (operation == AdmissionOperation.Create && request.Kind == KindTable.Pod)
            accounts.Admit(request, target);
        return await webhooks.MutateAsync(request, operation, target, old);
    }

    /// <summary>Asks the validating webhooks; throws their refusal.</summary>
    public Task ReviewAsync(ResourceRequest request, AdmissionOperation operation, KubeObject? target, KubeObject? old) =>
        webhooks.ValidateAsync(request, operation, target, old);

    /// <summary>The rules of the kind itself.</summary>
    public void Validate(ResourceRequest request, KubeObject target, KubeObject? old, List<FieldCause> causes)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        KindRules.Validate(request, target, old, causes);
    }

    /// <summary>Gives a Service its address; disposed once the object is stored or refused.</summary>
    public IDisposable? Allocate(KindDescriptor kind, KubeObject target, KubeObject? old) =>
        kind == KindTable.Service ? addresses.Allocate(target, old) : null;
}
