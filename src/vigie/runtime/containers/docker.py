"""Docker, asked by its Engine API (version 1.24 and newer: any that answers without a version in the path)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address
from typing import Any
from urllib.parse import quote

from vigie.runtime.containers import container as runtimes
from vigie.runtime.containers import image_name, loose
from vigie.runtime.containers.connection import Connection
from vigie.runtime.containers.container import SHORT, Container, Mount, PortMapping
from vigie.runtime.containers.engine import Change, EngineError, Wanted, same, usable
from vigie.runtime.containers.rest import Rest
from vigie.runtime.containers.settings import ContainerSettings

ACTIONS = {"create": "create", "start": "start", "destroy": "remove", "remove": "remove"}


class Docker:
    """A Docker daemon behind a socket."""

    name = "docker"
    type = runtimes.DOCKER
    rate: int | None = None
    containers_path = "/containers"
    events_path = "/events"
    removed = "destroy"
    """What this runtime calls the removal of a container."""

    def __init__(self, path: str, settings: ContainerSettings) -> None:
        self.socket = path
        self.settings = settings
        self.rest = Rest(path, settings.request_seconds)
        self._stream: Connection | None = None

    def look_up(self, wanted: Wanted) -> Container | None:
        size = "?size=true" if self.settings.with_size else ""
        deadline = self.rest.deadline()
        answer = self.rest.get(f"{self.containers_path}/{quote(wanted.full_id, safe='')}/json{size}", deadline)
        if answer is None:
            return None
        full_id = loose.text(answer, "Id")
        if not same(wanted, full_id):
            if usable(full_id):  # a name was taken for an id
                return None
            raise EngineError("gave an answer that cannot be understood")
        return self.described(answer, full_id, deadline)

    def described(self, answer: Any, full_id: str, deadline: float) -> Container:
        """What an answer says of a container; its image and address may take until the deadline."""
        name = loose.text(answer, "Name").removeprefix("/")
        image = loose.text(answer, "Config", "Image")
        image_id = loose.text(answer, "Image").removeprefix("sha256:")
        about = self._further(f"/images/{quote(image_id, safe='')}/json", deadline) if image_id else None
        named = image_name.of_docker(image, loose.texts(about, "RepoDigests"), loose.texts(about, "RepoTags"))
        described = Container(
            type=self.type,
            id=full_id[:SHORT],
            full_id=full_id,
            name=name,
            image=image,
            image_id=image_id,
            image_repository=named.repository,
            image_tag=named.tag,
            image_digest=named.digest,
            is_pod_sandbox="k8s_POD" in name,
            ip=self._ip(answer, deadline),
        )
        settle(described, answer, self.settings)
        return described

    def _ip(self, answer: Any, deadline: float) -> str:
        """The address of the container, or of the one whose network it shares."""
        shared = loose.text(answer, "HostConfig", "NetworkMode")
        if shared.startswith("container:") and usable(other := shared.removeprefix("container:")):
            answer = self._further(f"{self.containers_path}/{quote(other, safe='')}/json", deadline)
        return first_ip(answer)

    def _further(self, target: str, deadline: float) -> Any:
        """What would be good to know, too: None when it cannot be learned."""
        try:
            return self.rest.get(target, deadline)
        except EngineError:
            return None

    def changes(self) -> Iterator[Change | None]:
        filters = quote(f'{{"type":["container"],"event":["create","start","{self.removed}"]}}')
        with self.rest.open_stream(self.rate) as self._stream:
            yield None
            for event in self.rest.stream(f"{self.events_path}?stream=true&filters={filters}", self._stream):
                action = ACTIONS.get(loose.text(event, "Action") or loose.text(event, "status"))
                full_id = loose.text(event, "Actor", "ID") or loose.text(event, "id")
                if action is not None and usable(full_id):
                    about = loose.at(event, "Actor", "Attributes")
                    yield Change(action, full_id, loose.text(about, "image"), name=loose.text(about, "name"))

    def all_ids(self) -> set[str]:
        answer = self.rest.get(f"{self.containers_path}/json?all=true")
        if not isinstance(answer, list):
            raise EngineError("gave an answer that cannot be understood")
        return {loose.text(entry, "Id") for entry in loose.items({"all": answer}, "all", limit=100_000)}

    def close(self) -> None:
        if self._stream is not None:
            self._stream.wake()


def settle(described: Container, answer: Any, settings: ContainerSettings) -> None:
    """Fills in what the answers of Docker and of Podman say alike."""
    host, config = loose.at(answer, "HostConfig"), loose.at(answer, "Config")
    described.user = loose.text(config, "User")
    described.env = loose.texts(config, "Env", limit=runtimes.MAX_ENV)
    described.labels = runtimes.kept_labels(loose.mapping(config, "Labels"), settings.label_max_len)
    described.healthcheck = loose.texts(config, "Healthcheck", "Test")
    described.created_time = runtimes.seconds(loose.text(answer, "Created"))
    described.privileged = loose.flag(host, "Privileged")
    described.host_pid = loose.text(host, "PidMode") == "host"
    described.host_ipc = loose.text(host, "IpcMode") == "host"
    described.host_network = loose.text(host, "NetworkMode") == "host"
    described.memory_limit = loose.number(host, "Memory")
    described.swap_limit = loose.number(host, "MemorySwap")
    described.cpu_shares = loose.number(host, "CpuShares") or 1024
    described.cpu_quota = loose.number(host, "CpuQuota")
    described.cpu_period = loose.number(host, "CpuPeriod") or 100_000
    described.cpuset_cpu_count = runtimes.cpus(loose.text(host, "CpusetCpus"))
    described.size = loose.number(answer, "SizeRw", default=-1)
    described.port_mappings = _ports(loose.at(answer, "NetworkSettings", "Ports"))
    described.mounts = [
        Mount(
            source=loose.text(mount, "Source"),
            destination=loose.text(mount, "Destination"),
            mode=loose.text(mount, "Mode"),
            writable=loose.flag(mount, "RW"),
            propagation=loose.text(mount, "Propagation"),
        )
        for mount in loose.items(answer, "Mounts", limit=runtimes.MAX_MOUNTS)
    ]


def first_ip(answer: Any) -> str:
    """The container's own address, or its first one in a network of its own."""
    if address := loose.text(answer, "NetworkSettings", "IPAddress"):
        return address
    networks = loose.at(answer, "NetworkSettings", "Networks")
    found = (loose.text(network, "IPAddress") for network in networks.values()) if isinstance(networks, Mapping) else ()
    return next((address for address in found if address), "")


def _ports(ports: Any) -> list[PortMapping]:
    """`{"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]}`; addresses that are not IPv4 have no place there."""
    found: list[PortMapping] = []
    for port, bindings in ports.items() if isinstance(ports, Mapping) else ():
        inside = loose.number({"port": str(port).partition("/")[0]}, "port")
        for binding in loose.items({"all": bindings}, "all", limit=100):
            try:
                address = int(IPv4Address(loose.text(binding, "HostIp") or "0.0.0.0"))  # noqa: S104 - no listener
            except ValueError:
                continue
            found.append(PortMapping(address, loose.number(binding, "HostPort"), inside))
    return found[: runtimes.MAX_MOUNTS]
