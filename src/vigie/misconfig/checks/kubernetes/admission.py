"""Checks of the admission plugins of kube-apiserver: what is asked of objects before they are stored."""

from __future__ import annotations

from vigie.misconfig.check import Flaws
from vigie.misconfig.checks.kubernetes.declared import DOCS, cluster
from vigie.misconfig.checks.kubernetes.flags import excludes, includes
from vigie.misconfig.languages.kubernetes.objects import Container

ON, OFF = "enable-admission-plugins", "disable-admission-plugins"
PLUGINS = DOCS + "reference/access-authn-authz/admission-controllers/"


@cluster(
    "KCV-0003",
    "container",
    "Ensure-deny-service-external-ips-is-not-set",
    "The admission plugin DenyServiceExternalIPs should not be on",
    "It refuses every new external address of services, those that load balancers outside of clouds give included.",
    "Remove `DenyServiceExternalIPs` from `--enable-admission-plugins` and restrict external addresses by policy.",
    PLUGINS + "#denyserviceexternalips",
)
def external_addresses(container: Container) -> Flaws:
    yield from excludes(container, ON, "DenyServiceExternalIPs")


@cluster(
    "KCV-0010",
    "apiserver",
    "ensure-admission-control-plugin-event-rate-limit-is-set",
    "The admission plugin EventRateLimit should be on",
    "A flood of events fills etcd and slows the API server for everybody.",
    "Add `EventRateLimit` to `--enable-admission-plugins`.",
    PLUGINS + "#eventratelimit",
)
def event_rate(container: Container) -> Flaws:
    yield from includes(container, ON, "EventRateLimit")


@cluster(
    "KCV-0011",
    "apiserver",
    "ensure-admission-control-plugin-always-admit-is-not-set",
    "The admission plugin AlwaysAdmit should not be on",
    "It lets every object pass, whatever the other plugins are there for.",
    "Remove `AlwaysAdmit` from `--enable-admission-plugins`.",
    PLUGINS + "#alwaysadmit",
)
def always_admit(container: Container) -> Flaws:
    yield from excludes(container, ON, "AlwaysAdmit")


@cluster(
    "KCV-0012",
    "apiserver",
    "ensure-admission-control-plugin-always-pull-images-is-set",
    "The admission plugin AlwaysPullImages should be on",
    "Otherwise a pod may run an image that its node holds already without the right to pull it.",
    "Add `AlwaysPullImages` to `--enable-admission-plugins`.",
    PLUGINS + "#alwayspullimages",
    alias="KSV0012",
)
def always_pull(container: Container) -> Flaws:
    yield from includes(container, ON, "AlwaysPullImages")


@cluster(
    "KCV-0013",
    "apiserver",
    "ensure-admission-control-plugin-security-context-deny-is-set-if-pod-security-policy-is-not-used",
    "The admission plugin SecurityContextDeny should be on where PodSecurityPolicy is not",
    "One of the two must keep pods from choosing dangerous security contexts. Clusters from 1.25 on have neither and "
    "use Pod Security Admission.",
    "Add `SecurityContextDeny` or `PodSecurityPolicy` to `--enable-admission-plugins`.",
    PLUGINS,
    frameworks=("k8s-cis-1.23", "rke2-cis-1.24"),
)
def denies_contexts(container: Container) -> Flaws:
    yield from includes(container, ON, "PodSecurityPolicy", "SecurityContextDeny")


@cluster(
    "KCV-0014",
    "apiserver",
    "ensure-admission-control-plugin-service-account-is-set",
    "The admission plugin ServiceAccount should stay on",
    "It gives pods their service accounts and refuses those that do not exist.",
    "Remove `ServiceAccount` from `--disable-admission-plugins`.",
    PLUGINS + "#serviceaccount",
)
def service_accounts(container: Container) -> Flaws:
    yield from excludes(container, OFF, "ServiceAccount")


@cluster(
    "KCV-0015",
    "apiserver",
    "ensure-admission-control-plugin-namespace-lifecycle-is-set",
    "The admission plugin NamespaceLifecycle should stay on",
    "It keeps objects out of namespaces that do not exist or are being deleted, and guards those of the system.",
    "Remove `NamespaceLifecycle` from `--disable-admission-plugins`.",
    PLUGINS + "#namespacelifecycle",
)
def namespaces(container: Container) -> Flaws:
    yield from excludes(container, OFF, "NamespaceLifecycle")


@cluster(
    "KCV-0016",
    "apiserver",
    "ensure-admission-control-plugin-node-restriction-is-set",
    "The admission plugin NodeRestriction should be on",
    "It holds each kubelet to its own node and pods; without it one taken node can change all others.",
    "Add `NodeRestriction` to `--enable-admission-plugins`.",
    PLUGINS + "#noderestriction",
)
def node_restriction(container: Container) -> Flaws:
    yield from includes(container, ON, "NodeRestriction")
