"""Podman, asked by the API of its own (libpod) at the socket of its service, the system's or a user's."""

from __future__ import annotations

from typing import Any

from vigie.runtime.containers import container as runtimes
from vigie.runtime.containers import image_name, loose
from vigie.runtime.containers.container import SHORT, Container
from vigie.runtime.containers.docker import Docker, settle


class Podman(Docker):
    """A Podman service behind a socket. Its answers have the shape of Docker's, and say more of images and pods."""

    name = "podman"
    type = runtimes.PODMAN
    containers_path = "/v4.0.0/libpod/containers"
    events_path = "/v4.0.0/libpod/events"
    removed = "remove"

    def described(self, answer: Any, full_id: str, deadline: float) -> Container:
        name = loose.text(answer, "Name").removeprefix("/")
        image = loose.text(answer, "ImageName") or loose.text(answer, "Config", "Image")
        named = image_name.split(image)
        described = Container(
            type=self.type,
            id=full_id[:SHORT],
            full_id=full_id,
            name=name,
            image=image,
            image_id=loose.text(answer, "Image").removeprefix("sha256:"),
            image_repository=named.repository,
            image_tag=named.tag,
            image_digest=named.digest or loose.text(answer, "ImageDigest"),
            is_pod_sandbox="k8s_POD" in name or loose.flag(answer, "IsInfra"),
            pod_sandbox_id=loose.text(answer, "Pod"),
            ip=self._ip(answer, deadline),
        )
        settle(described, answer, self.settings)
        return described
