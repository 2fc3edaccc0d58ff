namespace Fairlead.Config.Schemas;

/// <summary>What all kinds share (apimachinery, meta/v1), and the bodies that are no kinds of their own.</summary>
internal static class MetaSchema
{
    public const string Package = "io.k8s.apimachinery.pkg.apis.meta.v1";
    public const string CorePackage = "io.k8s.api.core.v1";

    public const string Text = """
        @io.k8s.apimachinery.pkg.apis.meta.v1
        ObjectMeta -- Names, labels and annotations of an object.
          1 name string -- Name, unique in its namespace and kind.
          2 generateName string -- Start of the name that the server completes when name is empty.
          3 namespace string -- Namespace of the object; empty for kinds without one.
          4 selfLink string
          5 uid string -- Identity that no other object ever has.
          6 resourceVersion string -- Changes with every write; makes concurrent writes fail instead of losing one.
          7 generation int64 -- Counts changes of the wanted state.
          8 creationTimestamp time -- When the server stored the object first.
          9 deletionTimestamp time -- When the object is to be gone; set by the server.
          10 deletionGracePeriodSeconds int64 -- Seconds that the object may take to end.
          11 labels {}string -- Keys and values that selectors look at.
          12 annotations {}string -- Keys and values for tools; not for selection.
          13 ownerReferences []OwnerReference keys=uid merge=uid -- Objects that this one goes away with.
          14 finalizers []string set merge -- Names of those who must act before the object is gone.
          17 managedFields []ManagedFieldsEntry -- Who set which fields.
        OwnerReference -- An object that owns this one.
          5 apiVersion string required
          1 kind string required
          3 name string required
          4 uid string required
          6 controller bool -- Whether the owner manages the object.
          7 blockOwnerDeletion bool
        ManagedFieldsEntry
          1 manager string
          2 operation string
          3 apiVersion string
          4 time time
          6 fieldsType string
          7 fieldsV1 raw
          8 subresource string
        LabelSelector -- Labels that objects must have; all conditions hold together.
          1 matchLabels {}string -- Labels with these values.
          2 matchExpressions []LabelSelectorRequirement -- Further conditions.
        LabelSelectorRequirement
          1 key string required -- Label key.
          2 operator string required -- In, NotIn, Exists or DoesNotExist.
          3 values []string -- Values for In and NotIn.
        FieldSelectorRequirement
          1 key string required
          2 operator string required
          3 values []string
        Condition -- A statement about an object.
          1 type string required
          2 status string required -- True, False or Unknown.
          3 observedGeneration int64
          4 lastTransitionTime time required
          5 reason string required
          6 message string required
        Preconditions
          1 uid string
          2 resourceVersion string
        DeleteOptions -- How an object is deleted.
          1 gracePeriodSeconds int64 -- Seconds to end in; 0 ends at once.
          2 preconditions Preconditions
          3 orphanDependents bool
          4 propagationPolicy string enum=Orphan|Background|Foreground
          5 dryRun []string
          6 ignoreStoreReadErrorWithClusterBreakingPotential bool
        CreateOptions
          1 dryRun []string
          3 fieldManager string
          4 fieldValidation string
        ListMeta
          1 selfLink string
          2 resourceVersion string
          3 continue string
          4 remainingItemCount int64
        @io.k8s.api.policy.v1
        Eviction -- A polite request to delete a pod.
          1 metadata ObjectMeta
          2 deleteOptions DeleteOptions
        @io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1
        CustomResourceDefinition -- A kind that is served beside the built-in ones.
          1 metadata ObjectMeta
          2 spec raw required -- Group, names, scope and versions of the kind.
          3 status raw
        """;
}
