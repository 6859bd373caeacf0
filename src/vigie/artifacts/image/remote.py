"""Images in registries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

from vigie.artifacts.image.config import read_config
from vigie.artifacts.image.content import as_layer, image_parts
from vigie.artifacts.image.layers import Blob, Fetch, image_artifact
from vigie.artifacts.image.platforms import check, choose
from vigie.artifacts.temporary import owning, temporary_folder
from vigie.errors import TargetError
from vigie.oci.client import Client
from vigie.oci.manifests import INDEXES, MAX_CONFIG, Descriptor, descriptors
from vigie.oci.references import Reference, parse_reference
from vigie.scanner.part import Artifact, Progress
from vigie.settings.groups import GlobalOptions, ImageOptions, RegistryOptions


def open_remote(
    name: str, image: ImageOptions, registry: RegistryOptions, general: GlobalOptions, progress: Progress
) -> Artifact:
    """The image a reference names in its registry; layers are fetched when they are read. Raises TargetError."""
    reference = parse_reference(name)
    with ExitStack() as stack:
        client = stack.enter_context(
            Client(registry, insecure=general.insecure, cacert=general.cacert, seconds=general.timeout)
        )
        top, manifest = client.manifest(reference)
        exact, found = reference, top
        for _ in range(3):
            if found.media_type not in INDEXES:
                break
            chosen = choose(descriptors(manifest, "manifests", name), image.platform, name)
            exact = Reference(reference.registry, reference.repository, digest=chosen.digest)
            found, manifest = client.manifest(exact)
        if found.media_type in INDEXES:
            raise TargetError(f"{name}: indexes inside indexes, too deep")
        config, layers = image_parts(manifest, name)
        compressed = sum(layer.size for layer in layers)
        if image.max_size and compressed > image.max_size:
            raise TargetError(
                f"{name}: its layers are {compressed} bytes compressed, more than the {image.max_size} allowed",
                "--max-image-size sets the bound",
            )
        document, diff_ids = read_config(client.blob(exact, config.digest, MAX_CONFIG), name)
        check(document, image.platform, name)
        source = _Layers(client, exact, temporary_folder(stack), progress)
        familiar = reference.familiar_name
        artifact = image_artifact(
            name=name,
            image_id=config.digest,
            config=document,
            diff_ids=diff_ids,
            layers=[as_layer(layer, source.fetch) for layer in layers],
            tags=[f"{familiar}:{reference.tag}"] if reference.tag and not reference.digest else [],
            digests=[f"{familiar}@{top.digest}"],
            max_size=image.max_size,
        )
        return owning(artifact, stack)


class _Layers:
    """Downloads layers into a folder, each for as long as it is read."""

    def __init__(self, client: Client, reference: Reference, folder: Path, progress: Progress) -> None:
        self._client, self._reference, self._folder, self._progress = client, reference, folder, progress
        self._numbers = count()

    def fetch(self, descriptor: Descriptor) -> Fetch:
        @contextmanager
        def download() -> Iterator[Blob]:
            path = self._folder / f"layer-{next(self._numbers)}"
            what = f"layer {descriptor.digest.partition(':')[2][:12]}"
            self._client.blob_to_file(
                self._reference, descriptor.digest, path, descriptor.size, progress=self._progress, what=what
            )
            try:
                yield Blob(path)
            finally:
                path.unlink(missing_ok=True)

        return download
