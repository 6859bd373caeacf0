"""Modules fetched from elsewhere, kept in a cache by their source. What is fetched is hostile: only regular files come
out of archives, nothing is run, and no link leads out of a module's folder."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from vigie import _core
from vigie.errors import VigieError
from vigie.misconfig.languages.terraform import addresses
from vigie.misconfig.languages.terraform.addresses import Address

if TYPE_CHECKING:
    from vigie.http import Session

T = TypeVar("T")

MAX_FILE = 8 << 20
MAX_ARCHIVE = 256 << 20
_MOST_FILES = 50_000
_FRESH = 24 * 3600.0
"""Seconds until what no ref or version pins is asked for again."""
_HTTP_SECONDS = 120.0
_MAX_HOPS = 5
_INNER = ".vigie-inner"
"""Holds the folder within, that a registry's or server's answer named."""


class DownloadError(VigieError):
    """A module that cannot be fetched."""


class FolderFiles:
    """The files of a fetched module. See `vigie.misconfig.language.Files`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def paths(self, language: str) -> Sequence[str]:
        return ()

    def read(self, path: str) -> bytes | None:
        try:
            return _core.read_beneath(str(self._root), path, MAX_FILE)
        except (OSError, ValueError):
            return None

    def glob(self, pattern: str) -> Iterable[str]:
        from vigie.scanner.ignore import glob

        matches = glob(pattern).fullmatch
        deepest = None if "**" in pattern else pattern.count("/")
        return sorted(path for path in self._walk(deepest) if matches(path))

    def _walk(self, deepest: int | None) -> Iterator[str]:
        waiting, seen = [""], 0
        while waiting:
            folder = waiting.pop()
            with suppress(OSError), os.scandir(self._root / folder) as entries:
                for entry in entries:
                    seen += 1
                    if seen > _MOST_FILES:
                        return
                    path = f"{folder}/{entry.name}" if folder else entry.name
                    if entry.is_dir(follow_symlinks=False):
                        if entry.name != ".git" and (deepest is None or path.count("/") < deepest):
                            waiting.append(path)
                    elif entry.is_file(follow_symlinks=False):
                        yield path


@lru_cache(8)
def downloader(cache: Path, insecure: bool, cacert: str) -> Downloader:
    """The one downloader of a process for this cache: it remembers what failed."""
    return Downloader(cache, insecure, cacert)


class Downloader:
    """Fetches modules into `cache`. scheme: of registries (tests have plain http)."""

    def __init__(self, cache: Path, insecure: bool = False, cacert: str = "", scheme: str = "https") -> None:
        self._cache, self._insecure, self._cacert, self._scheme = cache, insecure, cacert, scheme
        self._failed: dict[tuple[str, str], VigieError] = {}
        self._dead: dict[str, VigieError] = {}
        self._session: Session | None = None

    def folder(self, source: str, version: str, offline: bool = False) -> tuple[Path, str]:
        """The folder with a module's files, and the folder within it that is meant.

        Raises VigieError (AddressError for what no network could help).
        """
        address = addresses.parse(source)
        kept = self._cache / sha256(f"{_key(address)} {version}".encode()).hexdigest()[:40]
        if kept.is_dir() and (offline or not self._stale(kept, address, version)):
            return kept, self._inner(kept, address)
        if offline:
            raise DownloadError("nothing is fetched with --offline-scan")
        key = (_key(address), version)
        if key in self._failed:
            raise self._failed[key]
        try:
            self._fetch(address, version, kept)
        except VigieError as error:
            self._failed[key] = error
            if not kept.is_dir():
                raise
        return kept, self._inner(kept, address)

    @staticmethod
    def _stale(kept: Path, address: Address, version: str) -> bool:
        pinned = re.fullmatch(r"[0-9a-f]{40}", address.ref) or re.fullmatch(r"=?\s*[\d.]+", version)
        return not pinned and time.time() - kept.stat().st_mtime > _FRESH

    @staticmethod
    def _inner(kept: Path, address: Address) -> str:
        """The folder within: what the registry's answer said, then what the source said."""
        note = kept / _INNER
        outer = note.read_text("utf-8") if note.is_file() else ""
        folder = kept
        for part in "/".join(part for part in (outer, address.inner) if part).split("/"):
            if "*" in part:  # `//*` of an archive with a single folder
                names = [entry.name for entry in folder.iterdir() if entry.is_dir() and not entry.is_symlink()]
                folder /= min((name for name in names if fnmatchcase(name, part)), default=part)
            else:
                folder /= part
        inner = folder.relative_to(kept).as_posix()
        return "" if inner == "." else inner

    def _fetch(self, address: Address, version: str, kept: Path) -> None:
        """Fetches into a folder of its own, which then takes its place at once."""
        try:
            self._cache.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.TemporaryDirectory(prefix="new-", dir=self._cache) as work:
                target = Path(work) / "module"
                target.mkdir()
                inner = self._into(target, address, version)
                (target / _INNER).write_text(inner, "utf-8")
                if kept.exists():
                    kept.rename(Path(work) / "old")
                with suppress(FileExistsError):  # another process was quicker
                    target.rename(kept)
        except OSError as error:
            if not kept.is_dir():
                raise DownloadError(f"it cannot be kept: {error.strerror or error}", "check --cache-dir") from error

    def _into(self, target: Path, address: Address, version: str) -> str:
        """Puts a module's files into a folder; gives the folder within that a registry or server named."""
        inner: list[str] = []
        for _ in range(_MAX_HOPS):
            if address.kind == "git":
                from vigie.misconfig.languages.terraform.git import clone

                self._alive(address.location, partial(clone, address, target, self._insecure, self._cacert))
                return "/".join(inner)
            if address.kind == "archive":
                self._alive(address.location, partial(self._archive, address, target))
                return "/".join(inner)
            address = self._next(address, version)
            if address.inner:
                inner.append(address.inner)
        raise DownloadError("its address leads from one to the next without end")

    def _next(self, address: Address, version: str) -> Address:
        """The address that a registry, or a web server, gives for another one."""
        if address.kind == "registry":
            from vigie.misconfig.languages.terraform.module_registry import Registry

            registry = Registry(self._http(), address.host, self._scheme)
            location = self._alive(f"//{address.host}", lambda: registry.locate(address.location, version))
        else:
            query = "&" if urlsplit(address.location).query else "?"
            url = f"{address.location}{query}terraform-get=1"
            location = self._alive(url, lambda: self._pointer(url))
            if not location:
                raise DownloadError("its server does not say where the module is")
            location = addresses.follow(url, location)
        return addresses.parse_location(location)

    def _pointer(self, url: str) -> str:
        with self._http().stream("GET", url) as response:
            return self._http().read(response, 1 << 20).headers.get("x-terraform-get", "")

    def _alive(self, url: str, work: Callable[[], T]) -> T:
        """Does something with a host; one that cannot be reached is not asked again."""
        from vigie.http import NetworkError

        host = urlsplit(url).netloc.rpartition("@")[2]
        if host in self._dead:
            raise self._dead[host]
        try:
            return work()
        except NetworkError as error:
            if error.kind in ("connect", "timeout"):
                self._dead[host] = error
            raise

    def _http(self) -> Session:
        if self._session is None:
            from vigie.http import Session

            self._session = Session(insecure=self._insecure, cacert=self._cacert, stall=8.0, attempts=2)
        return self._session

    def _archive(self, address: Address, target: Path) -> None:
        from vigie.misconfig.languages.terraform.archives import unpack

        deadline = time.monotonic() + _HTTP_SECONDS
        with tempfile.TemporaryFile(dir=target.parent) as file:
            digest = _checker(address.checksum)
            with self._http().stream("GET", address.location) as response:
                if response.status_code != 200:
                    raise DownloadError(f"its server answers with status {response.status_code}")
                for chunk in self._http().chunks(response, MAX_ARCHIVE):
                    file.write(chunk)
                    digest.update(chunk)
                    if time.monotonic() > deadline:
                        raise DownloadError(f"it was not fetched within {_HTTP_SECONDS:g} s")
            if address.checksum and digest.hexdigest() != address.checksum.rpartition(":")[2].lower():
                raise DownloadError("what was fetched has another checksum than its address says")
            file.seek(0)
            unpack(file, address.format, target)


def shown(source: str) -> str:
    """A source without passwords and what follows its address."""
    text = source.partition("?")[0]
    return re.sub(r"(?<=//)[^/@\s]*@", "", text)


def _key(address: Address) -> str:
    host = f"{address.host}/" if address.host else ""
    return f"{address.kind}:{host}{address.location} {address.ref} {address.format} {address.checksum}"


def _checker(checksum: str) -> Any:
    """The hash of `sha256:…` or `md5:…`; without a kind its length tells."""
    from hashlib import new

    kind, _, digits = checksum.rpartition(":")
    kind = kind or {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}.get(len(digits), "sha256")
    if kind not in ("md5", "sha1", "sha256", "sha512"):
        raise DownloadError(f"checksums of the kind {kind} are not known")
    return new(kind, usedforsecurity=False)
