"""Where an image is looked for, in order."""

from __future__ import annotations

from vigie.errors import TargetError, UsageError, VigieError
from vigie.oci.references import parse_reference
from vigie.scanner.part import Artifact, Progress
from vigie.settings.groups import GlobalOptions, ImageOptions, RegistryOptions

_KNOWN = ("docker", "containerd", "podman", "remote")
_NOT_YET = ("containerd", "podman")


def open_image(
    reference: str, image: ImageOptions, registry: RegistryOptions, general: GlobalOptions, progress: Progress
) -> Artifact:
    """The image from the first source that has it.

    Raises UsageError for sources that do not exist, TargetError when no source has the image, with why for each.
    """
    unknown = [source for source in image.sources if source not in _KNOWN]
    if unknown:
        raise UsageError(f"--image-src: there is no source {unknown[0]!r}", f"there are {', '.join(_KNOWN)}")
    usable = [source for source in image.sources if source not in _NOT_YET]
    if not usable:
        names = " and ".join(image.sources) or "no source"
        raise UsageError(f"--image-src: {names} is not available yet", "docker and remote are")
    parse_reference(reference)
    failures: list[tuple[str, VigieError]] = []
    for source in usable:
        try:
            if source == "docker":
                from vigie.artifacts.image.docker import open_docker

                return open_docker(reference, image, general, progress)
            from vigie.artifacts.image.remote import open_remote

            return open_remote(reference, image, registry, general, progress)
        except UsageError:
            raise
        except VigieError as error:
            failures.append((source, error))
    named = image.sources != ImageOptions().sources
    reasons = [f"{source}: {error.message}" for source, error in failures]
    reasons += [f"{source}: not available yet" for source in image.sources if named and source in _NOT_YET]
    hint = next((error.hint for _, error in reversed(failures) if error.hint), "")
    raise TargetError(f"{reference} could not be opened: {'; '.join(reasons)}", hint) from failures[-1][1]
