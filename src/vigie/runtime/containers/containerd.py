"""containerd itself, for containers that neither Docker nor Kubernetes started through it (`ctr`, `nerdctl`).

| message | fields (github.com/containerd/containerd, api/services) |
|---|---|
| namespaces.v1 ListNamespacesResponse | 1 namespaces: 1 name |
| containers.v1 GetContainerRequest | 1 id |
| containers.v1 GetContainerResponse | 1 container |
| containers.v1 ListContainersRequest, -Response | 1 filters; 1 containers |
| containers.v1 Container | 1 id, 2 labels, 3 image, 5 spec: 2 value (JSON), 8 created_at: 1 seconds |
| images.v1 GetImageRequest, -Response | 1 name; 1 image: 3 target: 2 digest |

The namespace of a request stands in the header `containerd-namespace`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from vigie.runtime.containers import container as runtimes
from vigie.runtime.containers import containerd_events, image_name, oci_spec
from vigie.runtime.containers.connection import Connection
from vigie.runtime.containers.container import SHORT, Container
from vigie.runtime.containers.engine import Change, EngineError, Wanted, same
from vigie.runtime.containers.grpc import NOT_FOUND, Grpc, StatusError
from vigie.runtime.containers.protobuf import Message, field
from vigie.runtime.containers.rest import decoded
from vigie.runtime.containers.settings import ContainerSettings

MAX_NAMESPACES = 64
DOCKERS, KUBERNETES = "moby", "k8s.io"
"""Namespaces whose containers Docker and CRI know better."""

_SERVICES = "/containerd.services"
_CRI_KIND = "io.cri-containerd.kind"


class Containerd:
    """A containerd behind a socket."""

    name = "containerd"
    type = runtimes.CONTAINERD
    rate: int | None = None

    def __init__(self, path: str, settings: ContainerSettings) -> None:
        self.socket, self._settings = path, settings
        self._grpc = Grpc(path, settings.request_seconds)
        self._stream: Connection | None = None

    def look_up(self, wanted: Wanted) -> Container | None:
        deadline = self._grpc.deadline()
        for namespace in self._namespaces(wanted.cgroup, deadline):
            if namespace == DOCKERS and self._settings.engines.docker.enabled:
                continue
            found = self._find(wanted, namespace, deadline)
            if found is not None and not (_CRI_KIND in found.pairs(2) and self._settings.engines.cri.enabled):
                return self._described(found, namespace, deadline)
        return None

    def _namespaces(self, cgroup: str, deadline: float) -> list[str]:
        """All namespaces, the one that the path of the cgroup names first."""
        answer = self._grpc.unary(f"{_SERVICES}.namespaces.v1.Namespaces/List", b"", deadline=deadline)
        names = [entry.text(1) for entry in Message(answer).messages(1, MAX_NAMESPACES)]
        return sorted(names, key=lambda name: f"/{name}/" not in cgroup)

    def _find(self, wanted: Wanted, namespace: str, deadline: float) -> Message | None:
        """The container, by its whole id, or by the beginning of it that is known."""
        service = f"{_SERVICES}.containers.v1.Containers"
        try:
            request = field(1, wanted.full_id)
            answer = self._grpc.unary(f"{service}/Get", request, namespace=namespace, deadline=deadline)
            found = [Message(answer).message(1)]
        except StatusError as error:
            if error.code != NOT_FOUND:
                raise
            if len(wanted.id) != SHORT or wanted.full_id != wanted.id:
                return None
            request = field(1, f"id~=^{re.escape(wanted.id)}")
            answer = self._grpc.unary(f"{service}/List", request, namespace=namespace, deadline=deadline)
            found = Message(answer).messages(1, 2)
        return next((container for container in found if same(wanted, container.text(1))), None)

    def _described(self, found: Message, namespace: str, deadline: float) -> Container:
        full_id, image = found.text(1), found.text(3)
        named = image_name.split(image)
        digest = named.digest or self._digest(image, namespace, deadline)
        spec = decoded(found.message(5).data(2) or b"{}")
        described = Container(
            type=self.type,
            id=full_id[:SHORT],
            full_id=full_id,
            name=full_id[:SHORT],
            image=image,
            image_id=digest.removeprefix("sha256:"),
            image_repository=named.repository,
            image_tag=named.tag,
            image_digest=digest,
            labels=runtimes.kept_labels(found.pairs(2), self._settings.label_max_len),
            created_time=found.message(8).number(1),
            privileged=oci_spec.privileged(spec),
            host_pid=oci_spec.shares(spec, "pid"),
            host_ipc=oci_spec.shares(spec, "ipc"),
            host_network=oci_spec.shares(spec, "network"),
            mounts=oci_spec.mounts(spec),
        )
        oci_spec.settle(described, spec)
        return described

    def _digest(self, image: str, namespace: str, deadline: float) -> str:
        """The digest of an image's manifest; empty when it cannot be learned."""
        try:
            method, request = f"{_SERVICES}.images.v1.Images/Get", field(1, image)
            answer = self._grpc.unary(method, request, namespace=namespace, deadline=deadline)
            return Message(answer).message(1, 3).text(2)
        except EngineError:
            return ""

    def changes(self) -> Iterator[Change | None]:
        engines = self._settings.engines
        left_out = {DOCKERS} if engines.docker.enabled else set()
        left_out |= {KUBERNETES} if engines.cri.enabled else set()
        with self._grpc.open_stream(self.rate) as self._stream:
            yield None
            yield from containerd_events.told(self._grpc, self._stream, lambda name: name not in left_out)

    def all_ids(self) -> set[str]:
        deadline = self._grpc.deadline()
        ids: set[str] = set()
        for namespace in self._namespaces("", deadline):
            method = f"{_SERVICES}.containers.v1.Containers/List"
            answer = self._grpc.unary(method, b"", namespace=namespace, deadline=deadline)
            ids.update(container.text(1) for container in Message(answer).messages(1, 100_000))
        return ids

    def close(self) -> None:
        if self._stream is not None:
            self._stream.wake()
