"""Where modules come from: the folder that the `source` of a module call means.

./modules/vpc                     a folder, relative to the caller's
.terraform/modules/modules.json   what `terraform init` has fetched, by the names of the calls
hashicorp/consul/aws              a registry (`module_registry.py`)
git::https://…, github.com/…      git         } fetched by `download.py`, into a cache
https://…/module.zip              an archive  }
"""

from __future__ import annotations

import json
import os
import posixpath
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from vigie.errors import VigieError
from vigie.misconfig.language import Files
from vigie.model.inventory import Problem
from vigie.settings.groups import MisconfigOptions

if TYPE_CHECKING:
    from vigie.misconfig.languages.terraform.download import Downloader

MANIFEST = ".terraform/modules/modules.json"
_SUFFIXES = (".tf", ".tofu", ".tf.json", ".tofu.json")
_MAX_SOURCE = 2048


class Place(Struct, frozen=True):
    """Where a module's files lie. folder: in `files`, "" for their root. prefix: the sources as written of the modules
    from elsewhere that led here, "" for what belongs to the scanned tree."""

    files: Files
    folder: str
    prefix: str = ""


def default_cache() -> Path:
    """Where fetched modules are kept unless told otherwise."""
    from vigie.settings.files import cache_folder

    return Path(cache_folder("", os.environ)) / "terraform-modules"


class Sources:
    """The modules of one root module. root: its folder.

    With options.offline nothing is fetched; what the cache holds is used. What cannot be had is added to `problems`,
    once for each source.
    """

    def __init__(
        self, files: Files, root: str, options: MisconfigOptions, problems: list[Problem] | None = None
    ) -> None:
        self.problems = [] if problems is None else problems
        self._files, self._root = files, root
        self._options = options
        self._fetched: dict[tuple[str, str], Place | None] = {}
        self._told: set[str] = set()
        self._installed: dict[str, str] | None = None

    def find(self, source: Any, version: Any, caller: Place, names: Sequence[str], where: str) -> Place | None:
        """The module that a call means; None when it cannot be had.

        caller: the module with the call. names: of the calls from the root module to this one. where: `file:line` of
        the call, for problems.
        """
        if not isinstance(source, str) or not source or len(source) > _MAX_SOURCE or not source.isprintable():
            self._tell("", where, "the source of a module is not known", "its outputs are taken as unknown")
            return None
        if source.startswith(("./", "../")) or source in (".", ".."):
            return self._local(source, caller, where)
        installed = self._from_manifest(names)
        if installed is not None:
            return Place(self._files, installed, _joined(caller.prefix, source))
        return self._remote(source, version if isinstance(version, str) else "", caller, where)

    def _local(self, source: str, caller: Place, where: str) -> Place | None:
        place = _beneath(caller.folder, source)
        if place is not None and _holds_module(caller.files, place):
            return Place(caller.files, place, caller.prefix)
        other = _beneath("", source)
        if other is not None and not caller.prefix and _holds_module(caller.files, other):
            return Place(caller.files, other, caller.prefix)
        if place is None:
            self._tell(source, where, f"the module {source} lies outside of what is scanned", "scan a folder above")
        else:
            self._tell(source, where, f"the module {source} has no Terraform files", "")
        return None

    def _from_manifest(self, names: Sequence[str]) -> str | None:
        """The folder where `terraform init` put a module."""
        if self._installed is None:
            self._installed = _manifest(self._files, self._root)
        folder = self._installed.get(".".join(names))
        return folder if folder is not None and _holds_module(self._files, folder) else None

    def _remote(self, source: str, version: str, caller: Place, where: str) -> Place | None:
        key = (source, version)
        if key not in self._fetched:
            self._fetched[key] = self._fetch(source, version, where)
        found = self._fetched[key]
        return None if found is None else Place(found.files, found.folder, _joined(caller.prefix, source))

    def _fetch(self, source: str, version: str, where: str) -> Place | None:
        from vigie.misconfig.languages.terraform.download import FolderFiles, shown

        try:
            folder, inner = self._downloader().folder(source, version, self._options.offline)
        except (VigieError, OSError) as error:
            hint = getattr(error, "hint", "") or "run terraform init first: fetched modules are read from .terraform"
            self._tell(source, where, f"the module {shown(source)} cannot be had: {error}", hint)
            return None
        files = FolderFiles(folder)
        if not _holds_module(files, inner):
            self._tell(source, where, f"the module {shown(source)} has no Terraform files", "")
            return None
        return Place(files, inner)

    def _downloader(self) -> Downloader:
        from vigie.misconfig.languages.terraform.download import downloader

        options = self._options
        cache = Path(options.cache) / "terraform-modules" if options.cache else default_cache()
        return downloader(cache, options.insecure, options.cacert)

    def _tell(self, source: str, where: str, what: str, hint: str) -> None:
        if (source or where) not in self._told:
            self._told.add(source or where)
            self.problems.append(Problem(where, what, hint))


def _joined(prefix: str, source: str) -> str:
    return f"{prefix}/{source}" if prefix else source


def _beneath(folder: str, path: str) -> str | None:
    """A path relative to a folder, as one relative to the root; None when it leads out of it."""
    place = posixpath.normpath(posixpath.join(folder or ".", path))
    if place == ".." or place.startswith(("../", "/")):
        return None
    return "" if place == "." else place


def _holds_module(files: Files, folder: str) -> bool:
    start = "".join(f"[{char}]" if char in "*?[{" else char for char in folder) + "/" if folder else ""
    return any(path.endswith(_SUFFIXES) for path in files.glob(start + "*"))


def _manifest(files: Files, root: str) -> dict[str, str]:
    """Folders by the names of calls, of what `terraform init` left beneath the scan's root."""
    data = files.read(posixpath.join(root, MANIFEST))
    try:
        entries = json.loads(data or b"{}").get("Modules") or []
    except (ValueError, AttributeError, RecursionError):
        return {}
    folders: dict[str, str] = {}
    for entry in entries if isinstance(entries, list) else ():
        key, folder = (entry.get("Key"), entry.get("Dir")) if isinstance(entry, dict) else (None, None)
        if isinstance(key, str) and isinstance(folder, str) and (place := _beneath(root, folder)) is not None:
            folders[key] = place
    return folders
