"""Checks of what a pod shares with its node, and of its general settings."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, flaw
from vigie.misconfig.checks.kubernetes.declared import CONTEXT, DOCS, STANDARDS, workload
from vigie.misconfig.languages.kubernetes.objects import POD_PATHS, Map, Object, Pod, mapping, maps, number, text, true

SAFE_SYSCTLS: tuple[tuple[tuple[int, int], frozenset[str]], ...] = (
    (
        (0, 0),
        frozenset(
            {
                *("kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start"),
                *("net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range"),
            }
        ),
    ),
    ((1, 27), frozenset({"net.ipv4.ip_local_reserved_ports"})),
    (
        (1, 29),
        frozenset(
            {
                *("net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes"),
                "net.ipv4.tcp_fin_timeout",
            }
        ),
    ),
    ((1, 32), frozenset({"net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"})),
)
"""Kernel settings that stay inside of the pod, by the version of Kubernetes that first says so."""
TOKENS = "/var/run/secrets/kubernetes.io/serviceaccount"
CONTROL_PLANE = frozenset({"kube-apiserver", "etcd", "kube-controller-manager", "kube-scheduler"})


@workload(
    "KSV-0007",
    "pod",
    "LOW",
    "no-hostaliases",
    "Pods should not write host names of their own",
    "Entries in a pod's hosts file send its traffic for a name elsewhere, past DNS and whoever watches it.",
    "Remove `hostAliases` and give the names to the cluster's DNS.",
    DOCS + "tasks/network/customize-hosts-file-for-pods/",
)
def no_host_aliases(pod: Pod) -> Flaws:
    if pod.spec.get("hostAliases") is not None:
        yield flaw(f"{pod.subject} adds names to its hosts file with 'hostAliases'.", pod)


@workload(
    "KSV-0008",
    "pod",
    "HIGH",
    "no-shared-ipc-namespace",
    "Pods should not share the node's IPC namespace",
    "Processes in the pod can read and change the shared memory of everything else on the node.",
    "Remove `hostIPC` or set it to false.",
    STANDARDS,
)
def no_host_ipc(pod: Pod) -> Flaws:
    if true(pod.spec, "hostIPC"):
        yield flaw(f"{pod.subject} shares the node's IPC namespace: 'hostIPC' is true.", pod)


@workload(
    "KSV-0009",
    "pod",
    "HIGH",
    "no-host-network",
    "Pods should not use the node's network",
    "The pod can listen to the node's traffic, reach services that listen on localhost only, and is not held by "
    "network policies.",
    "Remove `hostNetwork` or set it to false.",
    STANDARDS,
)
def no_host_network(pod: Pod) -> Flaws:
    if true(pod.spec, "hostNetwork"):
        yield flaw(f"{pod.subject} uses the node's network: 'hostNetwork' is true.", pod)


@workload(
    "KSV-0010",
    "pod",
    "HIGH",
    "no-host-pid",
    "Pods should not share the node's process IDs",
    "Processes in the pod see all processes of the node, with their environment and, given the rights, their memory.",
    "Remove `hostPID` or set it to false.",
    STANDARDS,
)
def no_host_pid(pod: Pod) -> Flaws:
    if true(pod.spec, "hostPID"):
        yield flaw(f"{pod.subject} shares the node's process IDs: 'hostPID' is true.", pod)


@workload(
    "KSV-0026",
    "pod",
    "MEDIUM",
    "no-unsafe-sysctl",
    "Pods should set safe kernel parameters only",
    "Other parameters are not confined to the pod: they can weaken the node or disturb the pods beside it.",
    "Remove the parameter from `securityContext.sysctls`, or use one that Kubernetes counts as safe.",
    DOCS + "tasks/administer-cluster/sysctl-cluster/",
)
def safe_sysctls(pod: Pod) -> Flaws:
    settings = maps(pod.security.get("sysctls"))
    if not settings:
        return
    version = release(pod.object.version)
    safe = frozenset().union(*(names for since, names in SAFE_SYSCTLS if version is None or since <= version))
    for setting in settings:
        name = text(setting.get("name"))
        if name not in safe:
            yield flaw(
                f"{pod.subject} sets the kernel parameter '{name}', which is not safe.",
                pod.object.below(pod.holder, "spec", "securityContext"),
            )


def release(version: str) -> tuple[int, int] | None:
    """The major and minor number of a version such as `v1.29.3-gke.1`; None when there is none."""
    major, _, rest = version.removeprefix("v").partition(".")
    minor = rest.partition(".")[0].rstrip("+")
    return (int(major), int(minor)) if major.isdecimal() and minor.isdecimal() else None


@workload(
    "KSV-0036",
    "pod",
    "MEDIUM",
    "no-auto-mount-service-token",
    "Pods should not get a service account's token unless they need it",
    "Who breaks into a container finds the token and can talk to the cluster's API with the rights of the account.",
    "Set `automountServiceAccountToken: false` in the pod, and true only for those that talk to the API.",
    DOCS + "tasks/configure-pod-container/configure-service-account/",
)
def no_token(pod: Pod) -> Flaws:
    # The peer looks at the object's own `spec`, which holds the pod's settings for bare pods only.
    if true(pod.spec, "automountServiceAccountToken"):
        yield flaw(f"{pod.subject} mounts the token of its service account by itself.", pod)
    elif "automountServiceAccountToken" not in pod.spec:
        for container in pod.containers:
            paths = (text(mount.get("mountPath")) for mount in maps(container.data.get("volumeMounts")))
            if any(path.rstrip("/") == TOKENS for path in paths):
                yield flaw(f"{container.subject} mounts the token of the pod's service account.", container)


@workload(
    "KSV-0037",
    "object",
    "MEDIUM",
    "no-user-resources-in-system-namespace",
    "The kube-system namespace should hold the cluster's own parts only",
    "What runs there is taken for a part of the cluster, often has more rights, and is out of the reach of policies "
    "that spare the system.",
    "Give the object a namespace of its own.",
    DOCS + "concepts/overview/working-with-objects/namespaces/",
    more=("no-user-pods-in-system-namespace",),
)
def no_system_namespace(object_: Object) -> Flaws:
    # Settings, accounts and rights often have to be there; what has a `spec` does not.
    if object_.namespace != "kube-system" or not object_.spec:
        return
    labels = object_.labels
    own = (
        labels.get("tier") == "control-plane"
        and text(labels.get("component")) in CONTROL_PLANE
        and object_.spec.get("priorityClassName") == "system-node-critical"
    )
    if not own:
        yield flaw(
            f"{object_.subject} is placed in the namespace 'kube-system'.", object_.below(object_.data, "metadata")
        )


@workload(
    "KSV-0102",
    "pod",
    "CRITICAL",
    "no-tiller",
    "Tiller should not be deployed",
    "Tiller, the server of Helm 2, acts with its own rights for whoever reaches it, and has not been maintained since "
    "2020.",
    "Move to Helm 3 or later, which needs no server, and delete Tiller.",
    "https://helm.sh/docs/topics/v2_v3_migration/",
)
def no_tiller(pod: Pod) -> Flaws:
    labels = (pod.object.labels, mapping(pod.metadata.get("labels")))
    if "tiller" in pod.object.name or any(_tiller(found) for found in labels):
        yield flaw(f"{pod.subject} is named or labelled as Tiller.", pod.object)
        return
    for container in pod.containers:
        if "tiller" in container.image:
            yield flaw(f"{container.subject} runs Tiller: its image is '{container.image}'.", container)


def _tiller(labels: Map) -> bool:
    return labels.get("app") == "helm" or labels.get("name") == "tiller"


@workload(
    "KSV-0110",
    "object",
    "LOW",
    "default-namespace-should-not-be-used",
    "Workloads should name a namespace of their own",
    "In the default namespace everything lies side by side, so rights, quotas and network policies cannot tell one "
    "application from another.",
    "Set `metadata.namespace` to a namespace made for the application.",
    DOCS + "concepts/overview/working-with-objects/namespaces/",
)
def own_namespace(object_: Object) -> Flaws:
    if object_.kind in POD_PATHS and object_.namespace in ("", "default"):
        how = "is placed in the namespace 'default'" if object_.namespace else "names no namespace"
        yield flaw(f"{object_.subject} {how}.", object_.below(object_.data, "metadata"))


@workload(
    "KSV-0116",
    "pod",
    "LOW",
    "primary-supplementary-gid",
    "Pods should not belong to the root group",
    "Files of the root group, in images and on mounted volumes, are open to such a pod.",
    "Use a group other than 0 in `runAsGroup`, `supplementalGroups` and `fsGroup`.",
    CONTEXT,
)
def no_root_group(pod: Pod) -> Flaws:
    extra = pod.security.get("supplementalGroups")
    fields = [name for name in ("runAsGroup", "fsGroup") if number(pod.security.get(name)) == 0]
    if isinstance(extra, list) and any(number(group) == 0 for group in extra):
        fields.append("supplementalGroups")
    for name in fields:
        yield flaw(
            f"{pod.subject} belongs to the root group: 'securityContext.{name}' holds 0.",
            pod.object.below(pod.holder, "spec", "securityContext"),
        )


@workload(
    "KSV-0118",
    "pod",
    "HIGH",
    "no-default-security-context",
    "Workloads should set a security context",
    "Without one the defaults hold: root if the image says so, a writable file system, and more privileges than are "
    "needed.",
    "Give the pod and each of its containers a `securityContext` with what it needs.",
    CONTEXT,
)
def sets_security_context(pod: Pod) -> Flaws:
    if not pod.security:
        yield flaw(f"{pod.subject} has no security context for its pod.", pod)
    for container in pod.containers:
        if not container.security:
            yield flaw(f"{container.subject} has no security context.", container)
