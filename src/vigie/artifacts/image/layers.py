"""Layers as parts: where the bytes of each come from, and the proof that they are the ones the configuration names."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from msgspec import Struct

from vigie import _core
from vigie.artifacts.image.config import build_commands
from vigie.errors import TargetError
from vigie.model.artifact import ArtifactFacts, ImageFacts, LayerReference
from vigie.model.inventory import Problem
from vigie.oci.references import is_digest, parse_reference
from vigie.scanner.analyzer import Group
from vigie.scanner.part import Artifact, PartReader

GROUPS = frozenset({Group.SYSTEM, Group.INSTALLED, Group.ANYWHERE})
"""What is read in an image: what is installed there, not what a project would ask for."""


class Blob(Struct, frozen=True):
    """Bytes on disk: a file, or a span of a larger one."""

    path: Path
    offset: int = 0
    length: int | None = None


Fetch = Callable[[], AbstractContextManager[Blob]]
"""Makes the bytes of a layer available for as long as the context is open. Raises TargetError."""


class Layer(Struct, frozen=True):
    """One layer as its source knows it. digest: of the stored bytes, "" when they are a plain tar without one.
    fetch: None for a layer that cannot be read, and `problem` says why."""

    digest: str
    fetch: Fetch | None
    problem: str = ""


class SizeGuard:
    """Adds up the raw sizes of layers. Raises TargetError past the bound (0 is none)."""

    def __init__(self, name: str, bound: int) -> None:
        self._name, self._bound, self._total = name, bound, 0
        self._lock = threading.Lock()

    def add(self, size: int) -> None:
        """Counts one more layer."""
        with self._lock:
            self._total += size
            if self._bound and self._total > self._bound:
                raise TargetError(
                    f"{self._name}: its layers are larger than the {self._bound} bytes allowed",
                    "--max-image-size sets the bound",
                )


class LayerPart:
    """A layer that is fetched when it is read. See `vigie.scanner.part.Part`."""

    def __init__(self, name: str, reference: LayerReference, layer: Layer, guard: SizeGuard) -> None:
        self.reference = reference
        self.cache_key = reference.diff_id if layer.fetch else ""
        where = f"layer {reference.digest or reference.diff_id}"
        self.problems: Sequence[Problem] = (Problem(where, layer.problem),) if layer.problem else ()
        self._name, self._layer, self._guard = name, layer, guard

    def tree(self) -> None:
        """A layer has no folder behind it."""

    @contextmanager
    def open(self, selection: _core.Selection, limits: _core.Limits) -> Iterator[PartReader]:
        """Fetches the layer and starts reading."""
        if self._layer.fetch is None:
            with _empty_tar() as path:
                yield _core.LayerReader(str(path), selection, limits)
            return
        with self._layer.fetch() as blob:
            reader = _core.LayerReader(str(blob.path), selection, limits, offset=blob.offset, length=blob.length)
            yield _Proven(reader, self._name, self.reference, self._guard)


class _Proven:
    """A layer's reader whose result is compared with what the image promised.

    Results are cached under the diff id, so a layer that is not what the configuration says must not get that far.
    """

    def __init__(self, reader: _core.LayerReader, name: str, reference: LayerReference, guard: SizeGuard) -> None:
        self._reader, self._name, self._reference, self._guard = reader, name, reference, guard
        self.next_batch = reader.next_batch

    def finish(self) -> _core.Walked:
        """Raises TargetError when the content is not the promised one."""
        walked = self._reader.finish()
        for promised, found in ((self._reference.digest, walked.digest), (self._reference.diff_id, walked.diff_id)):
            same_kind = promised.partition(":")[0] == found.partition(":")[0]
            if promised and same_kind and promised != found:
                raise TargetError(
                    f"{self._name}: layer {promised} holds something else ({found})",
                    "the image is damaged or was tampered with; fetch it again",
                )
        self._guard.add(walked.size)
        return walked


@contextmanager
def _empty_tar() -> Iterator[Path]:
    from tempfile import NamedTemporaryFile

    with NamedTemporaryFile(prefix="vigie-", suffix=".tar") as file:
        file.write(bytes(1024))
        file.flush()
        yield Path(file.name)


def image_artifact(
    *,
    name: str,
    image_id: str,
    config: dict[str, Any],
    diff_ids: tuple[str, ...],
    layers: Sequence[Layer],
    tags: Sequence[str],
    digests: Sequence[str],
    max_size: int,
) -> Artifact:
    """An opened image that holds nothing open yet. Raises TargetError when layers and diff_ids differ in number."""
    if len(layers) != len(diff_ids):
        raise TargetError(f"{name}: {len(layers)} layers, but its configuration knows {len(diff_ids)}")
    commands = build_commands(config, len(diff_ids))
    references = tuple(
        LayerReference(digest=layer.digest, diff_id=diff_id, created_by=command)
        for layer, diff_id, command in zip(layers, diff_ids, commands, strict=True)
    )
    guard = SizeGuard(name, max_size)
    parts = [LayerPart(name, reference, layer, guard) for reference, layer in zip(references, layers, strict=True)]
    reference = _reference(name, tags, digests)
    image = ImageFacts(
        id=image_id,
        diff_ids=diff_ids,
        tags=tuple(tags),
        digests=tuple(digests),
        reference=reference,
        config=config,
        layers=references,
    )
    facts = ArtifactFacts(kind="container_image", name=name, id=_artifact_id(image_id, reference), image=image)
    return Artifact(facts=facts, parts=parts, groups=GROUPS, closing=nullcontext())


def _reference(name: str, tags: Sequence[str], digests: Sequence[str]) -> str:
    """The tag or digest that the given name means, else the first there is; an archive means its first."""
    choices = [*tags, *digests]
    if not name.endswith((".tar", ".gz", ".gzip", ".tgz")):
        wanted = _normal(name)
        for choice in choices:
            if wanted and _normal(choice) == wanted:
                return choice
    return choices[0] if choices else ""


def _artifact_id(image_id: str, reference: str) -> str:
    """The same image of another repository is another artifact, and its findings have other fingerprints."""
    import hashlib

    try:
        repository = parse_reference(reference).name
    except TargetError:
        return image_id
    return f"sha256:{hashlib.sha256(f'{image_id}:{repository}'.encode()).hexdigest()}"


def _normal(text: str) -> str:
    try:
        return str(parse_reference(text))
    except TargetError:
        return ""


def check_span(blob: Blob, digest: str, where: str) -> None:
    """Verifies bytes that no later reader hashes with this algorithm. Raises TargetError."""
    found = span_digest(blob, digest.partition(":")[0])
    if found != digest:
        raise TargetError(f"{where}: its digest is {found}, not {digest}", "the content was changed or damaged")


def span_digest(blob: Blob, algorithm: str = "sha256") -> str:
    """The digest of bytes on disk."""
    import hashlib

    hashed = hashlib.new(algorithm)
    with blob.path.open("rb") as file:
        file.seek(blob.offset)
        left = blob.length
        while left is None or left > 0:
            chunk = file.read(1 << 20 if left is None else min(left, 1 << 20))
            if not chunk:
                break
            hashed.update(chunk)
            left = None if left is None else left - len(chunk)
    return f"{algorithm}:{hashed.hexdigest()}"


def is_plain_name(digest: str) -> bool:
    """Whether a digest is of the kind that layer readers compute."""
    return is_digest(digest) and digest.startswith("sha256:")
