"""Checks of containers' images and of the resources they may use."""

from __future__ import annotations

import re

from vigie.misconfig.check import Flaws, flaw
from vigie.misconfig.checks.kubernetes.declared import DOCS, workload
from vigie.misconfig.languages.kubernetes.objects import Container

IMAGES = DOCS + "concepts/containers/images/"
RESOURCES = DOCS + "concepts/configuration/manage-resources-containers/"
ECR = re.compile(r"ecr\.[\w-]+\.amazonaws\.com(?:\.cn)?\Z")


def registry(image: str) -> str:
    """What stands before the first slash, "" when there is none."""
    first, slash, _ = image.partition("/")
    return first if slash else ""


def lacks(container: Container, kind: str, name: str) -> bool:
    """Whether a request or limit is missing; the API refuses any in ephemeral containers."""
    return not container.ephemeral and container.resource(kind, name) is None


@workload(
    "KSV-0011",
    "container",
    "LOW",
    "limit-cpu",
    "Containers should have a CPU limit",
    "Without a limit one container can take the processors of the whole node.",
    "Set `resources.limits.cpu`.",
    RESOURCES,
)
def limits_cpu(container: Container) -> Flaws:
    if lacks(container, "limits", "cpu"):
        yield flaw(f"{container.subject} has no CPU limit ('resources.limits.cpu').", container)


@workload(
    "KSV-0015",
    "container",
    "LOW",
    "no-unspecified-cpu-requests",
    "Containers should say how much CPU they need",
    "Without a request the scheduler puts the pod on nodes that have no room for it.",
    "Set `resources.requests.cpu`.",
    RESOURCES,
)
def requests_cpu(container: Container) -> Flaws:
    if lacks(container, "requests", "cpu"):
        yield flaw(f"{container.subject} requests no CPU ('resources.requests.cpu').", container)


@workload(
    "KSV-0016",
    "container",
    "LOW",
    "no-unspecified-memory-requests",
    "Containers should say how much memory they need",
    "Without a request the scheduler overfills nodes, and pods without one are ended first.",
    "Set `resources.requests.memory`.",
    RESOURCES,
)
def requests_memory(container: Container) -> Flaws:
    if lacks(container, "requests", "memory"):
        yield flaw(f"{container.subject} requests no memory ('resources.requests.memory').", container)


@workload(
    "KSV-0018",
    "container",
    "LOW",
    "limit-memory",
    "Containers should have a memory limit",
    "Without a limit one container can take the node's memory, and the kernel then ends others.",
    "Set `resources.limits.memory`.",
    RESOURCES,
)
def limits_memory(container: Container) -> Flaws:
    if lacks(container, "limits", "memory"):
        yield flaw(f"{container.subject} has no memory limit ('resources.limits.memory').", container)


@workload(
    "KSV-0013",
    "container",
    "MEDIUM",
    "use-specific-tags",
    "Images should be named by a fixed tag or digest",
    "What runs under `latest` changes without notice, and cannot be brought back when it fails.",
    "Name a version's tag, or better a digest (`name@sha256:…`).",
    IMAGES,
)
def pinned(container: Container) -> Flaws:
    # The peer takes the port of a registry for a tag, and cannot read a name with both.
    image = container.image
    if not image or "@" in image:
        return
    tag = image.rpartition("/")[2].partition(":")[2]
    if tag in ("", "latest"):
        yield flaw(f"{container.subject} runs the image '{image}', which names no fixed version.", container)


@workload(
    "KSV-0032",
    "container",
    "MEDIUM",
    "use-azure-image-prefix",
    "Images should come from an Azure registry",
    "Retired in favour of KSV-0125. Images from elsewhere are not under your control.",
    "Push the image to your registry at azurecr.io and use it from there.",
    IMAGES,
    deprecated=True,
)
def from_azure(container: Container) -> Flaws:
    if container.image and not registry(container.image).endswith("azurecr.io"):
        yield flaw(f"{container.subject} runs '{container.image}', which is not from azurecr.io.", container)


@workload(
    "KSV-0033",
    "container",
    "MEDIUM",
    "use-gcr-domain",
    "Images should come from a Google registry",
    "Retired in favour of KSV-0125. Images from elsewhere are not under your control.",
    "Push the image to your registry at gcr.io and use it from there.",
    IMAGES,
    deprecated=True,
)
def from_google(container: Container) -> Flaws:
    if container.image and not registry(container.image).endswith("gcr.io"):
        yield flaw(f"{container.subject} runs '{container.image}', which is not from gcr.io.", container)


@workload(
    "KSV-0034",
    "container",
    "MEDIUM",
    "no-public-registries",
    "Images should not come from public registries",
    "Retired in favour of KSV-0125. Anybody can publish there, under names that look familiar.",
    "Push the image to a registry of your own and use it from there.",
    IMAGES,
    deprecated=True,
)
def not_public(container: Container) -> Flaws:
    host = registry(container.image)
    if container.image and (host in ("docker.io", "ghcr.io") or "." not in host):
        yield flaw(f"{container.subject} runs '{container.image}' from a public registry.", container)


@workload(
    "KSV-0035",
    "container",
    "MEDIUM",
    "no-untrusted-ecr-domain",
    "Images should come from an Amazon registry",
    "Retired in favour of KSV-0125. Images from elsewhere are not under your control.",
    "Push the image to your registry at ecr.REGION.amazonaws.com and use it from there.",
    IMAGES,
    deprecated=True,
)
def from_amazon(container: Container) -> Flaws:
    if container.image and not ECR.search(registry(container.image)):
        yield flaw(f"{container.subject} runs '{container.image}', which is not from Amazon's registry.", container)


@workload(
    "KSV-0125",
    "container",
    "MEDIUM",
    "use-trusted-registry",
    "Images should come from trusted registries",
    "Who can push to the registry decides what runs in the cluster.",
    "Use an image from a registry at azurecr.io, ecr.REGION.amazonaws.com or gcr.io; copy it there if need be.",
    IMAGES,
    alias="KSV0125",
)
def trusted(container: Container) -> Flaws:
    host = registry(container.image)
    if host and not host.endswith(("azurecr.io", "gcr.io")) and not ECR.search(host):
        # a first part without dot or port is no host, but somebody's name at Docker Hub
        named = f"'{host}'" if "." in host or ":" in host or host == "localhost" else "Docker Hub"
        yield flaw(
            f"{container.subject} runs '{container.image}' from the registry {named}, which is not trusted.", container
        )
