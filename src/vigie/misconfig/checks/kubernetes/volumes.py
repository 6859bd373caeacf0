"""Checks of a pod's volumes."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, flaw
from vigie.misconfig.checks.kubernetes.declared import DOCS, STANDARDS, workload
from vigie.misconfig.languages.kubernetes.objects import Map, Pod, mapping, text

VOLUMES = DOCS + "concepts/storage/volumes/"
DOCKER_SOCKETS = ("/var/run/docker.sock", "/run/docker.sock")
SYSTEM_PATHS = frozenset(
    {*("/", "/boot", "/dev", "/etc", "/lib", "/proc", "/sys", "/usr"), "/var/lib/docker"},
)
# The peer spells cephfs `cephFS`, which no volume is.
FOREIGN = (
    *("gcePersistentDisk", "awsElasticBlockStore", "gitRepo", "nfs", "iscsi", "glusterfs", "rbd", "flexVolume"),
    *("cinder", "cephfs", "flocker", "fc", "azureFile", "vsphereVolume", "quobyte", "azureDisk", "portworxVolume"),
    *("scaleIO", "storageos"),
)


def _path(volume: Map) -> str:
    """The path of the node that a volume is."""
    path = text(mapping(volume.get("hostPath")).get("path"))
    return path.rstrip("/") or path[:1]


def _name(volume: Map) -> str:
    return text(volume.get("name"))


@workload(
    "KSV-0006",
    "pod",
    "HIGH",
    "no-docker-sock-mount",
    "The Docker socket should not be mounted",
    "Who can write to the socket can start any container on the node, a privileged one too, and so owns the node.",
    "Remove the volume; build images with a tool that needs no daemon.",
    VOLUMES + "#hostpath",
)
def no_docker_socket(pod: Pod) -> Flaws:
    for volume in pod.volumes:
        if _path(volume) in DOCKER_SOCKETS:
            yield flaw(
                f"{pod.subject} mounts the node's Docker socket as volume '{_name(volume)}'.", pod.object.item(volume)
            )


@workload(
    "KSV-0023",
    "pod",
    "MEDIUM",
    "no-mounted-hostpath",
    "Pods should not mount folders of their node",
    "Files of the node lie open to the pod; with a writable path it can plant programs or read what belongs to others.",
    "Use a volume of the cluster: a claim, a config map, a secret or `emptyDir`.",
    STANDARDS,
    VOLUMES + "#hostpath",
)
def no_host_path(pod: Pod) -> Flaws:
    for volume in pod.volumes:
        if volume.get("hostPath") is not None:
            yield flaw(
                f"{pod.subject} mounts '{_path(volume)}' of its node as volume '{_name(volume)}'.",
                pod.object.item(volume),
            )


@workload(
    "KSV-0028",
    "pod",
    "LOW",
    "no-non-ephemeral-volumes",
    "Volumes should be of Kubernetes' own kinds",
    "A pod that names storage outside of the cluster by itself goes past the rules for persistent volumes, and some "
    "of these kinds are retired.",
    "Ask for storage with a `persistentVolumeClaim`, or use `emptyDir`, `configMap`, `secret`, `projected` or `csi`.",
    STANDARDS,
    VOLUMES,
)
def own_volumes(pod: Pod) -> Flaws:
    for volume in pod.volumes:
        for kind in FOREIGN:
            if kind in volume:
                yield flaw(
                    f"{pod.subject} uses the volume '{_name(volume)}' of type '{kind}'.", pod.object.item(volume)
                )


@workload(
    "KSV-0121",
    "pod",
    "HIGH",
    "no-k8s-with-disallowed-volumes",
    "System folders of the node should not be mounted",
    "Folders such as /etc, /proc or /var/lib/docker hold the node's accounts, processes and the other containers.",
    "Remove the volume, or mount the one folder that is needed, read-only.",
    VOLUMES + "#hostpath",
)
def no_system_path(pod: Pod) -> Flaws:
    for volume in pod.volumes:
        path = _path(volume)
        if path in SYSTEM_PATHS:
            yield flaw(
                f"{pod.subject} mounts the node's system folder '{path}' as volume '{_name(volume)}'.",
                pod.object.item(volume),
            )
