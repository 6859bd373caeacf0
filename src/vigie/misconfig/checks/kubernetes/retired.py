"""API versions that Kubernetes retired.

Source: https://kubernetes.io/docs/reference/using-api/deprecation-guide/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class Retired(NamedTuple):
    """Since when a version of an API is deprecated, since when it is gone, and what takes its place ("" for
    nothing)."""

    deprecated: tuple[int, int]
    removed: tuple[int, int]
    instead: str


def _table() -> Iterator[tuple[str, str, int, int, str]]:
    """API version, kinds, minor versions of deprecation and removal, what takes its place."""
    yield "extensions/v1beta1", "Deployment DaemonSet ReplicaSet", 8, 16, "apps/v1"
    yield "extensions/v1beta1", "NetworkPolicy", 9, 16, "networking.k8s.io/v1"
    yield "extensions/v1beta1", "PodSecurityPolicy", 11, 16, ""
    yield "extensions/v1beta1", "Ingress", 14, 22, "networking.k8s.io/v1"
    yield "apps/v1beta1", "Deployment StatefulSet ReplicaSet ControllerRevision", 8, 16, "apps/v1"
    yield "apps/v1beta2", "Deployment StatefulSet DaemonSet ReplicaSet ControllerRevision", 9, 16, "apps/v1"
    group = "admissionregistration.k8s.io"
    webhooks = "MutatingWebhookConfiguration ValidatingWebhookConfiguration"
    yield f"{group}/v1beta1", webhooks, 16, 22, f"{group}/v1"
    group = "apiextensions.k8s.io"
    yield f"{group}/v1beta1", "CustomResourceDefinition", 16, 22, f"{group}/v1"
    yield "apiregistration.k8s.io/v1beta1", "APIService", 19, 22, "apiregistration.k8s.io/v1"
    yield "authentication.k8s.io/v1beta1", "TokenReview", 19, 22, "authentication.k8s.io/v1"
    reviews = "LocalSubjectAccessReview SelfSubjectAccessReview SubjectAccessReview SelfSubjectRulesReview"
    yield "authorization.k8s.io/v1beta1", reviews, 19, 22, "authorization.k8s.io/v1"
    yield "certificates.k8s.io/v1beta1", "CertificateSigningRequest", 19, 22, "certificates.k8s.io/v1"
    yield "coordination.k8s.io/v1beta1", "Lease", 19, 22, "coordination.k8s.io/v1"
    yield "networking.k8s.io/v1beta1", "Ingress IngressClass", 19, 22, "networking.k8s.io/v1"
    group = "rbac.authorization.k8s.io"
    for version in ("v1alpha1", "v1beta1"):
        yield f"{group}/{version}", "ClusterRole ClusterRoleBinding Role RoleBinding", 17, 22, f"{group}/v1"
    for version in ("v1alpha1", "v1beta1"):
        yield f"scheduling.k8s.io/{version}", "PriorityClass", 14, 22, "scheduling.k8s.io/v1"
    yield "storage.k8s.io/v1beta1", "CSIDriver CSINode StorageClass VolumeAttachment", 19, 22, "storage.k8s.io/v1"
    yield "storage.k8s.io/v1beta1", "CSIStorageCapacity", 24, 27, "storage.k8s.io/v1"
    yield "autoscaling/v2beta1", "HorizontalPodAutoscaler", 22, 25, "autoscaling/v2"
    yield "autoscaling/v2beta2", "HorizontalPodAutoscaler", 23, 26, "autoscaling/v2"
    yield "batch/v1beta1", "CronJob", 21, 25, "batch/v1"
    yield "discovery.k8s.io/v1beta1", "EndpointSlice", 21, 25, "discovery.k8s.io/v1"
    yield "events.k8s.io/v1beta1", "Event", 22, 25, "events.k8s.io/v1"
    yield "node.k8s.io/v1beta1", "RuntimeClass", 22, 25, "node.k8s.io/v1"
    yield "policy/v1beta1", "PodDisruptionBudget", 21, 25, "policy/v1"
    yield "policy/v1beta1", "PodSecurityPolicy", 21, 25, ""
    group, kinds = "flowcontrol.apiserver.k8s.io", "FlowSchema PriorityLevelConfiguration"
    yield f"{group}/v1beta1", kinds, 23, 26, f"{group}/v1"
    yield f"{group}/v1beta2", kinds, 26, 29, f"{group}/v1"
    yield f"{group}/v1beta3", kinds, 29, 32, f"{group}/v1"


RETIRED: dict[tuple[str, str], Retired] = {
    (version, kind): Retired((1, deprecated), (1, removed), instead)
    for version, kinds, deprecated, removed, instead in _table()
    for kind in kinds.split()
}
"""By API version and kind."""
