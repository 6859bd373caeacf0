"""The distribution client: manifests and blobs of any repository, verified (OCI distribution specification 1.1)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from vigie.errors import TargetError
from vigie.http import RETRIED, NetworkError, Session
from vigie.oci.endpoint import Endpoint, RegistryError, failure
from vigie.oci.manifests import (
    INDEXES,
    MANIFESTS,
    MAX_MANIFEST,
    Descriptor,
    check_digest,
    digest_of,
    media_type,
    parse_document,
)
from vigie.oci.references import DOCKER_HUB, Reference, is_digest, parse_reference
from vigie.settings.groups import RegistryOptions

__all__ = ["Client", "Descriptor", "Reference", "RegistryError", "parse_reference"]

_MOST_CUTS = 50
MAX_BLOB = 64 << 30


class Progress(Protocol):
    """Told how a download goes; `vigie.scanner.part.Progress` fits."""

    def step(self, what: str, done: int, total: int) -> None:
        """`done` of `total` bytes (0 = unknown)."""


class Client:
    """Reads from registries. One client serves a whole run and several threads; close it at the end.

    registry: credentials and mirrors. insecure: plain HTTP where https does not answer, certificates not verified.
    stall: seconds without a byte until a connection counts as dead. seconds: for everything, 0 for no bound.
    """

    def __init__(
        self,
        registry: RegistryOptions | None = None,
        *,
        insecure: bool = False,
        cacert: str = "",
        stall: float = 30.0,
        seconds: float = 0.0,
        attempts: int = 5,
        pause: float = 0.5,
    ) -> None:
        self._options = registry or RegistryOptions()
        self._session = Session(
            insecure=insecure, cacert=cacert, stall=stall, seconds=seconds, attempts=attempts, pause=pause
        )
        self._endpoints: dict[tuple[str, str], Endpoint] = {}
        self._answering: dict[str, Endpoint] = {}

    def close(self) -> None:
        """Closes all connections."""
        self._session.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def manifest(
        self, reference: Reference, accept: tuple[str, ...] = MANIFESTS + INDEXES
    ) -> tuple[Descriptor, dict[str, Any]]:
        """The manifest or index a reference names: its descriptor, computed from the bytes, and the document.

        Mirrors are asked first. A digest in the reference is verified. Raises RegistryError, TargetError.
        """
        failures: list[RegistryError] = []
        for endpoint in self._places(reference):
            try:
                found = self._manifest_at(endpoint, reference, accept)
            except TargetError as error:
                failures.append(
                    error if isinstance(error, RegistryError) else RegistryError(error.message, error.hint, 200)
                )
                continue
            self._answering[reference.name] = endpoint
            return found
        raise failures[-1]

    def blob(self, reference: Reference, digest: str, limit: int) -> bytes:
        """A small blob, verified. Raises RegistryError, TargetError."""
        endpoint = self._place(reference)
        _check_name(digest)
        try:
            answer = endpoint.fetch(reference.repository, f"blobs/{digest}", {}, limit)
        except NetworkError as error:
            raise _as_registry(error) from error
        if answer.status != 200:
            raise failure(endpoint.host, f"{reference.repository}@{digest}", answer.status, answer.body[:65536])
        check_digest(answer.body, digest, f"{endpoint.host}/{reference.repository}")
        return answer.body

    def blob_to_file(
        self,
        reference: Reference,
        digest: str,
        path: Path,
        size: int | None = None,
        *,
        progress: Progress | None = None,
        what: str = "",
    ) -> int:
        """Downloads a blob to `path`, continues after breaks, and verifies the digest; returns its size.

        size: what the descriptor promises; a longer or shorter body is an error. The file is removed on failure.
        Raises RegistryError, TargetError.
        """
        endpoint = self._place(reference)
        _check_name(digest)
        target = _Target(digest, size, progress, what or digest[:19])
        try:
            with path.open("wb") as file:
                self._download(endpoint, reference, target, file)
            target.check(f"{endpoint.host}/{reference.repository}")
        except BaseException as error:
            path.unlink(missing_ok=True)
            if isinstance(error, NetworkError):
                raise _as_registry(error) from error
            if isinstance(error, OSError):
                raise TargetError(
                    f"{path}: {error.strerror or error}", "downloads need room in the temporary folder (TMPDIR)"
                ) from error
            raise
        return target.done

    def _download(self, endpoint: Endpoint, reference: Reference, target: _Target, file: BinaryIO) -> None:
        attempt = 0
        for _ in range(_MOST_CUTS):
            attempt += 1
            before, after, status = target.done, "", 0
            try:
                headers = {"Range": f"bytes={before}-"} if before else {}
                with endpoint.stream(reference.repository, f"blobs/{target.digest}", headers) as response:
                    status, after = response.status_code, response.headers.get("retry-after", "")
                    if status == 416 or (
                        status == 206 and not response.headers.get("content-range", "").startswith(f"bytes {before}-")
                    ):
                        target.restart(file)
                    elif status in (200, 206):
                        if status == 200:
                            target.restart(file)
                        for chunk in self._session.chunks(response, target.room(endpoint.host)):
                            target.take(chunk, file)
                        if target.complete:
                            return
                        # fewer bytes than promised, and no error: a proxy cut it
                    elif status not in RETRIED or attempt >= self._session.attempts:
                        body = self._session.read(response, 65536).body
                        raise failure(endpoint.host, f"{reference.repository}@{target.digest}", status, body)
            except NetworkError as error:
                if error.kind in ("certificate", "refused"):
                    raise
                if target.done > before:
                    attempt = 0
                if attempt >= self._session.attempts:
                    raise
            else:
                if attempt >= self._session.attempts:
                    break
            if not self._session.wait(max(attempt, 1), after):
                raise failure(endpoint.host, f"{reference.repository}@{target.digest}", status)
        raise RegistryError(
            f"{endpoint.host}: {target.digest} ends after {target.done} of {target.size or '?'} bytes", "try again", 200
        )

    def _manifest_at(
        self, endpoint: Endpoint, reference: Reference, accept: tuple[str, ...]
    ) -> tuple[Descriptor, dict[str, Any]]:
        try:
            path = f"manifests/{reference.identifier}"
            answer = endpoint.fetch(reference.repository, path, {"Accept": ", ".join(accept)}, MAX_MANIFEST)
        except NetworkError as error:
            raise _as_registry(error) from error
        what = f"{reference.repository}{'@' if reference.digest else ':'}{reference.identifier}"
        if answer.status != 200:
            raise failure(endpoint.host, what, answer.status, answer.body[:65536])
        where = f"{endpoint.host}/{what}"
        promised = reference.digest or answer.headers.get("docker-content-digest", "")
        if is_digest(promised):
            check_digest(answer.body, promised, where)
        document = parse_document(answer.body, where)
        kind = media_type(document, answer.headers.get("content-type", "").partition(";")[0].strip().lower(), where)
        digest = reference.digest or digest_of(answer.body)
        artifact_type = document.get("artifactType")
        descriptor = Descriptor(
            media_type=kind,
            digest=digest,
            size=len(answer.body),
            artifact_type=artifact_type if isinstance(artifact_type, str) else "",
        )
        return descriptor, document

    def _place(self, reference: Reference) -> Endpoint:
        """The host that answered for this repository before, so that blobs come from where the manifest came from."""
        return self._answering.get(reference.name) or self._endpoint(reference.registry)

    def _places(self, reference: Reference) -> Iterator[Endpoint]:
        names = ("index.docker.io", "docker.io") if reference.registry == DOCKER_HUB else (reference.registry,)
        for name in names:
            for mirror in self._options.mirrors.get(name, ()):
                host, _, prefix = mirror.removeprefix("https://").removeprefix("http://").strip("/").partition("/")
                yield self._endpoint(host, prefix)
        yield self._endpoint(reference.registry)

    def _endpoint(self, host: str, prefix: str = "") -> Endpoint:
        return self._endpoints.setdefault((host, prefix), Endpoint(self._session, host, self._options, prefix))


class _Target:
    """A blob on its way to a file: what arrived, its hash, its bounds."""

    def __init__(self, digest: str, size: int | None, progress: Progress | None, what: str) -> None:
        self.digest, self.size = digest, size
        self.done = 0
        self._hash = hashlib.new(digest.partition(":")[0])
        self._progress, self._what = progress, what

    @property
    def complete(self) -> bool:
        return self.size is None or self.done == self.size

    def room(self, host: str) -> int:
        """Bytes that may still come."""
        left = (MAX_BLOB if self.size is None else self.size) - self.done
        if left < 0:
            raise RegistryError(f"{host}: {self.digest} is longer than it should be", status=200)
        return left

    def take(self, chunk: bytes, file: BinaryIO) -> None:
        file.write(chunk)
        self._hash.update(chunk)
        self.done += len(chunk)
        if self._progress is not None:
            self._progress.step(self._what, self.done, self.size or 0)

    def restart(self, file: BinaryIO) -> None:
        file.seek(0)
        file.truncate()
        self._hash = hashlib.new(self.digest.partition(":")[0])
        self.done = 0

    def check(self, where: str) -> None:
        found = f"{self.digest.partition(':')[0]}:{self._hash.hexdigest()}"
        if found != self.digest:
            raise TargetError(
                f"{where}: {self.digest} arrived with the digest {found}",
                "the content was changed or damaged on its way",
            )


def _check_name(digest: str) -> None:
    if not is_digest(digest):
        raise TargetError(f"“{digest[:100]}” is not a digest that can be verified")


def _as_registry(error: NetworkError) -> RegistryError:
    return RegistryError(error.message, error.hint)
