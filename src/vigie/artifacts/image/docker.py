"""Images of a Docker daemon. Facts come from two small requests; the image is exported only when a layer is read."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from vigie.artifacts.image.archive import saved_layers
from vigie.artifacts.image.docker_host import connect, find_host
from vigie.artifacts.image.layers import Blob, Fetch, Layer, image_artifact
from vigie.artifacts.image.platforms import check
from vigie.artifacts.image.store import TarStore
from vigie.artifacts.temporary import owning, room, temporary_folder
from vigie.errors import TargetError
from vigie.oci.references import is_digest
from vigie.scanner.part import Artifact, Progress
from vigie.settings.groups import GlobalOptions, ImageOptions

if TYPE_CHECKING:
    import httpx

_MAX_ANSWER = 32 << 20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@\[\]-]*")
_EMPTY = (
    *("ENV", "MAINTAINER", "LABEL", "CMD", "ENTRYPOINT", "HEALTHCHECK", "EXPOSE", "USER", "VOLUME"),
    *("STOPSIGNAL", "SHELL", "ARG", "WORKDIR", "ONBUILD"),
)
"""Instructions that add no layer, when their entry has no size."""


def open_docker(name: str, image: ImageOptions, general: GlobalOptions, progress: Progress) -> Artifact:
    """An image that the Docker daemon has. Raises TargetError when there is no daemon, or not this image."""
    host = find_host(image.docker_host)
    if not _NAME.fullmatch(name) or ".." in name:
        raise TargetError(f"“{name[:100]}” is not a name for the Docker daemon")
    with ExitStack() as stack:
        daemon = _Daemon(stack.enter_context(connect(host, general.timeout or 600.0)), host)
        about = daemon.ask(f"/images/{quote(name, safe='/:@')}/json", name)
        rootfs = about.get("RootFS")
        diff_ids = tuple((rootfs.get("Layers") if isinstance(rootfs, dict) else None) or ())
        image_id = about.get("Id")
        if not all(isinstance(entry, str) and is_digest(entry) for entry in (*diff_ids, image_id)):
            raise TargetError(f"{host}: the answer of the Docker daemon about {name} is not usable")
        check(
            {"os": about.get("Os"), "architecture": about.get("Architecture"), "variant": about.get("Variant")},
            image.platform,
            name,
        )
        size = about.get("Size")
        if image.max_size and isinstance(size, int) and size > image.max_size:
            raise TargetError(
                f"{name} has {size} bytes, more than the {image.max_size} allowed", "--max-image-size sets the bound"
            )
        history = daemon.ask(f"/images/{quote(name, safe='/:@')}/history", name)
        export = _Export(daemon, name, diff_ids, temporary_folder(stack), progress)
        config = _config(about, history, len(diff_ids)) or export.config()
        artifact = image_artifact(
            name=name,
            image_id=str(image_id),
            config=config,
            diff_ids=diff_ids,
            layers=[Layer("", export.layer(number)) for number in range(len(diff_ids))],
            tags=_texts(about.get("RepoTags")),
            digests=_texts(about.get("RepoDigests")),
            max_size=image.max_size,
        )
        return owning(artifact, stack)


class _Daemon:
    """Requests to the daemon, its failures as TargetError."""

    def __init__(self, client: httpx.Client, host: str) -> None:
        self._client, self._host = client, host

    def ask(self, path: str, name: str) -> Any:
        """The JSON document at a path."""
        with self.get(path, name) as response:
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > _MAX_ANSWER:
                    raise TargetError(f"{self._host}: the answer of the Docker daemon is too long")
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise TargetError(f"{self._host}: the answer of the Docker daemon is not JSON") from error

    @contextmanager
    def get(self, path: str, name: str) -> Iterator[httpx.Response]:
        """A streaming answer with status 200."""
        import httpx

        try:
            with self._client.stream("GET", path) as response:
                if response.status_code == 404:
                    raise TargetError(f"the Docker daemon has no image {name}", f"docker pull {name} fetches it")
                if response.status_code != 200:
                    raise TargetError(f"{self._host}: the Docker daemon answered {response.status_code}")
                yield response
        except httpx.ConnectError as error:
            raise TargetError(f"no Docker daemon at {self._host} ({error})") from error
        except httpx.HTTPError as error:
            what = "no answer in time" if isinstance(error, httpx.TimeoutException) else str(error)
            raise TargetError(f"{self._host}: {what}") from error


class _Export:
    """The exported image: made once, when the first layer is read, and shared by all of them."""

    def __init__(self, daemon: _Daemon, name: str, diff_ids: tuple[str, ...], folder: Path, progress: Progress) -> None:
        self._daemon, self._name, self._diff_ids, self._folder, self._progress = (
            daemon,
            name,
            diff_ids,
            folder,
            progress,
        )
        self._lock = threading.Lock()
        self._found: tuple[dict[str, Any], list[Layer]] | None = None

    def layer(self, number: int) -> Fetch:
        """The way to one layer."""

        @contextmanager
        def fetch() -> Iterator[Blob]:
            inside = self._open()[1][number].fetch
            if inside is None:
                raise TargetError(f"{self._name}: the Docker daemon exports it without all layers")
            with inside() as blob:
                yield blob

        return fetch

    def config(self) -> dict[str, Any]:
        """The configuration as it is, where the daemon's own account of it does not add up."""
        return self._open()[0]

    def _open(self) -> tuple[dict[str, Any], list[Layer]]:
        with self._lock:
            if self._found is None:
                path = self._folder / "export.tar"
                self._write(path)
                saved = saved_layers(TarStore(path, f"the export of {self._name}"), "")
                if saved.diff_ids != self._diff_ids:
                    raise TargetError(f"{self._name} changed while it was read", "scan it again")
                self._found = saved.config, saved.layers
            return self._found

    def _write(self, path: Path) -> None:
        left = bound = room(self._folder)
        try:
            with (
                self._daemon.get(f"/images/get?names={quote(self._name, safe='')}", self._name) as response,
                path.open("wb") as file,
            ):
                for chunk in response.iter_bytes():
                    left -= len(chunk)
                    if left < 0:
                        raise TargetError(
                            f"{self._name} does not fit into {self._folder.parent}", "TMPDIR names another place"
                        )
                    file.write(chunk)
                    self._progress.step("export", bound - left, 0)
        except OSError as error:
            raise TargetError(f"{path}: {error.strerror or error}", "TMPDIR names another place") from error


def _config(about: dict[str, Any], history: object, layers: int) -> dict[str, Any] | None:
    """The configuration rebuilt from the daemon's answers; None when its history does not fit the layers."""
    entries = (
        [_entry(item) for item in reversed(history) if isinstance(item, dict)] if isinstance(history, list) else []
    )
    if sum(not entry.get("empty_layer") for entry in entries) != layers:
        return None
    config: dict[str, Any] = {"architecture": about.get("Architecture") or "", "created": about.get("Created") or ""}
    for key, source in (("docker_version", "DockerVersion"), ("author", "Author"), ("variant", "Variant")):
        if about.get(source):
            config[key] = about[source]
    rootfs = {"type": "layers", "diff_ids": list(about["RootFS"].get("Layers") or [])}
    return config | {
        "history": entries,
        "os": about.get("Os") or "",
        "rootfs": rootfs,
        "config": about.get("Config") or {},
    }


def _entry(item: dict[str, Any]) -> dict[str, Any]:
    from datetime import UTC, datetime

    created = item.get("Created")
    command = item.get("CreatedBy")
    command = command if isinstance(command, str) else ""
    entry: dict[str, Any] = {"created_by": command}
    if isinstance(created, int | float) and 0 < created < 1 << 36:
        entry = {"created": datetime.fromtimestamp(created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")} | entry
    if item.get("Comment"):
        entry["comment"] = item["Comment"]
    if not item.get("Size") and _adds_nothing(command):
        entry["empty_layer"] = True
    return entry


def _adds_nothing(command: str) -> bool:
    """Whether an entry without size is one that makes no layer: WORKDIR makes one with BuildKit, unless it is `/`."""
    classic = command.startswith("/bin/sh -c #(nop)")
    text = command.removeprefix("/bin/sh -c").strip().removeprefix("#(nop)").strip()
    word = text.partition(" ")[0]
    if word == "WORKDIR" and not classic:
        return text == "WORKDIR /"
    return word in _EMPTY


def _texts(value: object) -> list[str]:
    texts = [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
    return [text for text in texts if not text.startswith("<none>")]
