"""Kubernetes' interface to runtimes (CRI, v1 and v1alpha2): containerd, CRI-O and others.

| message | fields (github.com/kubernetes/cri-api, pkg/apis/runtime/v1/api.proto) |
|---|---|
| VersionRequest, -Response | 1 version; 2 runtime_name |
| ContainerStatusRequest | 1 container_id, 2 verbose |
| ContainerStatusResponse | 1 status, 2 info |
| ContainerStatus | 1 id, 2 metadata: 1 name, 4 created_at, 8 image: 1 image, 9 image_ref, 12 labels, 13 annotations, 14 mounts, 17 image_id |
| Mount | 1 container_path, 2 host_path, 3 readonly, 5 propagation |
| PodSandboxStatusRequest | 1 pod_sandbox_id, 2 verbose |
| PodSandboxStatusResponse | 1 status, 2 info |
| PodSandboxStatus | 1 id, 2 metadata: 1 name 2 uid 3 namespace, 4 created_at, 5 network: 1 ip, 6 linux: 1 namespaces: 2 options: 1 network 2 pid 3 ipc, 7 labels, 8 annotations |
| ListContainersResponse, ListPodSandboxResponse | 1 items: 1 id, 2 pod_sandbox_id |
| ListContainersRequest | 1 filter: 1 id |
| ContainerEventResponse | 1 container_id, 2 container_event_type |
"""  # noqa: E501 - a table

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Any

from vigie.runtime.containers import container as runtimes
from vigie.runtime.containers import containerd_events, cri_image, image_name, loose, oci_spec
from vigie.runtime.containers.connection import Connection
from vigie.runtime.containers.container import SHORT, Container, Mount
from vigie.runtime.containers.engine import Change, EngineError, Wanted, same, usable
from vigie.runtime.containers.grpc import NOT_FOUND, UNIMPLEMENTED, UNKNOWN, Grpc, StatusError
from vigie.runtime.containers.protobuf import Message, field
from vigie.runtime.containers.rest import decoded
from vigie.runtime.containers.settings import ContainerSettings

VERSIONS = ("v1", "v1alpha2")
TYPES = {"containerd": runtimes.CONTAINERD, "cri-o": runtimes.CRIO}
ACTIONS = {0: "create", 1: "start", 3: "remove"}
PROPAGATION = ("private", "rslave", "rshared")
POLL = 1.0
"""Seconds between looks at the list of containers, where nothing tells of changes."""
MAX_CNI = 4096
_NODE = 2
_ABSENT = re.compile("not found|not exist|no such|could not find", re.IGNORECASE)
"""How runtimes say in words alone, with no status for it, that they do not know something."""
_POD_LABELS = {1: "io.kubernetes.pod.name", 2: "io.kubernetes.pod.uid", 3: "io.kubernetes.pod.namespace"}


class Cri:
    """A runtime of Kubernetes behind a socket."""

    name = "cri"
    type = runtimes.CRI
    rate: int | None = None

    def __init__(self, path: str, settings: ContainerSettings) -> None:
        self.socket, self._settings = path, settings
        self._grpc = Grpc(path, settings.request_seconds)
        self._version = ""
        self._stream: Connection | None = None
        self._closed = threading.Event()

    def look_up(self, wanted: Wanted) -> Container | None:
        deadline = self._grpc.deadline()
        self._negotiate(deadline)
        answer = self._status("ContainerStatus", wanted.full_id, deadline)
        if answer is not None:
            return self._container(wanted, answer, deadline)
        answer = self._status("PodSandboxStatus", wanted.full_id, deadline)
        return None if answer is None else self._sandbox(wanted, answer)

    def _negotiate(self, deadline: float) -> None:
        """Learns which version is spoken, and by whom. Raises EngineError."""
        if self._version:
            return
        for version in VERSIONS:
            try:
                answer = self._grpc.unary(
                    f"/runtime.{version}.RuntimeService/Version", field(1, "0.1.0"), deadline=deadline
                )
            except StatusError as error:
                if error.code != UNIMPLEMENTED:
                    raise
                continue
            self.type = TYPES.get(Message(answer).text(2), runtimes.CRI)
            self._version = version
            return
        raise EngineError("is not offered at this socket", absent=True)

    def _call(self, method: str, request: bytes, deadline: float) -> Message:
        return Message(
            self._grpc.unary(f"/runtime.{self._version}.RuntimeService/{method}", request, deadline=deadline)
        )

    def _status(self, method: str, id: str, deadline: float) -> Message | None:
        """An answer about a container or a sandbox; None when there is no such one."""
        try:
            return self._call(method, field(1, id) + field(2, 1), deadline)
        except StatusError as error:
            if error.code == NOT_FOUND or (error.code == UNKNOWN and _ABSENT.search(error.why)):
                return None
            if error.code == UNIMPLEMENTED:
                self._version = ""
            raise

    def _container(self, wanted: Wanted, answer: Message, deadline: float) -> Container | None:
        status, info = answer.message(1), _info(answer)
        full_id = status.text(1)
        if not same(wanted, full_id):
            return None
        spec, config = loose.at(info, "runtimeSpec"), loose.at(info, "config")
        named = cri_image.of_status(status, info)
        sandbox_id = loose.text(info, "sandboxID") or self._sandbox_of(full_id, deadline)
        described = Container(
            type=self.type,
            id=full_id[:SHORT],
            full_id=full_id,
            name=status.message(2).text(1),
            image=named.image,
            image_id=named.id,
            image_repository=named.repository,
            image_tag=named.tag,
            image_digest=named.digest,
            labels=runtimes.kept_labels(status.pairs(12), self._settings.label_max_len),
            created_time=status.number(4) // 1_000_000_000,
            privileged=_privileged(info),
            pod_sandbox_id=sandbox_id,
            mounts=[_mount(mount) for mount in status.messages(14, runtimes.MAX_MOUNTS)],
        )
        oci_spec.settle(described, spec)
        if not described.env:
            pairs = loose.items(config, "envs", limit=runtimes.MAX_ENV)
            described.env = [f"{loose.text(pair, 'key')}={loose.text(pair, 'value')}" for pair in pairs]
        if sandbox_id:
            try:
                sandbox = self._status("PodSandboxStatus", sandbox_id, deadline)
            except EngineError:
                sandbox = None
            if sandbox is not None:
                self._settle(described, sandbox)
                described.labels.setdefault("io.kubernetes.sandbox.id", sandbox_id)
        return described

    def _sandbox(self, wanted: Wanted, answer: Message) -> Container | None:
        status = answer.message(1)
        full_id, info = status.text(1), _info(answer)
        if not same(wanted, full_id):
            return None
        described = Container(
            type=self.type,
            id=full_id[:SHORT],
            full_id=full_id,
            name=status.message(2).text(1),
            image=loose.text(info, "image"),
            labels=runtimes.kept_labels(status.pairs(7), self._settings.label_max_len),
            created_time=status.number(4) // 1_000_000_000,
            is_pod_sandbox=True,
            pod_sandbox_id=full_id,
            privileged=_privileged(info),
        )
        described.image_repository, described.image_tag, described.image_digest = image_name.split(described.image)
        oci_spec.settle(described, loose.at(info, "runtimeSpec"))
        self._settle(described, answer)
        return described

    def _settle(self, described: Container, answer: Message) -> None:
        """Fills in what the sandbox tells: labels and names of the pod, address, namespaces of the host."""
        status = answer.message(1)
        described.pod_sandbox_labels = runtimes.kept_labels(status.pairs(7), self._settings.label_max_len)
        for number, label in _POD_LABELS.items():
            if value := status.message(2).text(number):
                described.labels.setdefault(label, value)
                described.pod_sandbox_labels.setdefault(label, value)
        described.ip = status.message(5).text(1)
        options = status.message(6, 1, 2)
        described.host_network = options.number(1) == _NODE
        described.host_pid = options.number(2) == _NODE
        described.host_ipc = options.number(3) == _NODE
        if self.type == runtimes.CRIO:
            key = "io.kubernetes.cri-o.CNIResult"
            annotated = loose.text(_info(answer), "runtimeSpec", "annotations", key) or status.pairs(8).get(key, "")
            described.cni_json = annotated[:MAX_CNI]

    def _sandbox_of(self, full_id: str, deadline: float) -> str:
        answer = self._call("ListContainers", field(1, field(1, full_id)), deadline)
        entries = answer.messages(1, 2)
        return next((entry.text(2) for entry in entries if entry.text(1) == full_id), "")

    def changes(self) -> Iterator[Change | None]:
        self._negotiate(self._grpc.deadline())
        for source in (self._events, self._events_of_containerd):
            try:
                with self._grpc.open_stream(self.rate) as self._stream:
                    yield None
                    yield from source(self._stream)
                return
            except StatusError as error:
                if error.code != UNIMPLEMENTED:
                    raise
        yield from self._looked_at()

    def _events(self, connection: Connection) -> Iterator[Change]:
        for answer in self._grpc.stream(f"/runtime.{self._version}.RuntimeService/GetContainerEvents", b"", connection):
            event = Message(answer)
            action = ACTIONS.get(event.number(2))
            if action is not None and usable(event.text(1)):
                yield Change(action, event.text(1))

    def _events_of_containerd(self, connection: Connection) -> Iterator[Change]:
        return containerd_events.told(self._grpc, connection, lambda namespace: namespace == "k8s.io")

    def _looked_at(self) -> Iterator[Change | None]:
        """Changes between looks at the list."""
        before = self.all_ids()
        while not self._closed.wait(POLL):
            now = self.all_ids()
            yield from (Change("create", id) for id in now - before if usable(id))
            yield from (Change("remove", id) for id in before - now if usable(id))
            before = now

    def all_ids(self) -> set[str]:
        deadline = self._grpc.deadline()
        self._negotiate(deadline)
        answers = [self._call(method, b"", deadline) for method in ("ListContainers", "ListPodSandbox")]
        return {entry.text(1) for answer in answers for entry in answer.messages(1, 100_000)}

    def close(self) -> None:
        self._closed.set()
        if self._stream is not None:
            self._stream.wake()


def _info(answer: Message) -> Any:
    """The runtime's own words, JSON; nothing when they are none."""
    try:
        return decoded(answer.pairs(2).get("info", "{}").encode())
    except EngineError:
        return {}


def _privileged(info: Any) -> bool:
    paths = (("runtimeSpec", "linux", "security_context"), ("config", "linux", "security_context"), ())
    found = (loose.at(info, *path, "privileged") for path in paths)
    return next((value for value in found if isinstance(value, bool)), False)


def _mount(mount: Message) -> Mount:
    propagation = mount.number(5)
    return Mount(
        source=mount.text(2),
        destination=mount.text(1),
        writable=not mount.flag(3),
        propagation=PROPAGATION[propagation] if 0 <= propagation < len(PROPAGATION) else "unknown",
    )
