"""Addresses of modules, in the short and long forms that Terraform (go-getter) knows."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from msgspec import Struct

from vigie.errors import VigieError

_PART = r"[0-9A-Za-z](?:[0-9A-Za-z_-]{0,62}[0-9A-Za-z])?"
_PROVIDER = r"[0-9a-z]{1,64}"
_HOST = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)+(?::\d{1,5})?|localhost(?::\d{1,5})?"
_NO_REGISTRY = ("github.com", "bitbucket.org")
_SHORT_HOSTS = ("github.com", "bitbucket.org", "gitlab.com")
_ARCHIVES = (".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar")

DEFAULT_HOST = "registry.terraform.io"


class AddressError(VigieError):
    """An address that is none, or of a kind that is not fetched."""


class Address(Struct, frozen=True):
    """kind: `registry`, `git`, `archive` (an http URL of one), `http` (one that tells where the module is). location:
    the URL, or `namespace/name/provider`. inner: the folder within. host: of a registry. ref: of git. format: an
    archive's ending. checksum: as written, "" for none."""

    kind: str
    location: str
    inner: str = ""
    host: str = ""
    ref: str = ""
    format: str = ""
    checksum: str = ""


def parse(source: str) -> Address:
    """Raises AddressError for what is no address, or names a way that is not taken (S3, GCS, hg, local files)."""
    text, inner = _split(source)
    if found := re.fullmatch(rf"(?:({_HOST})/)?({_PART})/({_PART})/({_PROVIDER})", text):
        host = (found[1] or DEFAULT_HOST).lower()
        if host not in _NO_REGISTRY and "." not in found[2]:
            return Address("registry", f"{found[2]}/{found[3]}/{found[4]}", inner, host)
    return parse_location(source)


def parse_location(source: str) -> Address:
    """As `parse`, for what a registry answers: never a registry again."""
    text, inner = _split(source)
    forced, separator, rest = text.partition("::")
    if not separator or not re.fullmatch(r"[a-z0-9]+", forced):
        forced, rest = "", text
    if forced in ("s3", "gcs", "hg", "file") or rest.startswith(("s3:", "gs:", "gcs:", "file:", "/", "hg:")):
        raise AddressError(f"modules are not fetched by {forced or rest.partition(':')[0] or 'path'}")
    if not forced and rest.partition("/")[0] in _SHORT_HOSTS:
        return _short(rest, inner)
    if found := re.fullmatch(r"(\w[\w.-]*)@(\w[\w.-]*):(?!//)([^?]+)(\?.*)?", rest):
        return _git(f"ssh://{found[1]}@{found[2]}/{found[3].lstrip('/')}{found[4] or ''}", inner)
    scheme = rest.partition("://")[0]
    if forced == "git" and scheme in ("https", "http", "ssh"):
        return _git(rest, inner)
    if forced in ("", "http", "https") and scheme in ("https", "http"):
        return _archive(rest, inner)
    if scheme == "ssh" and not forced:
        return _git(rest, inner)
    raise AddressError("its source is no address of a module")


def follow(url: str, location: str) -> str:
    """Where a server's answer points; relative to the URL that was asked when it begins with `/`, `./` or `../`."""
    if not location.startswith(("/", "./", "../")):
        return location
    path, inside, inner = location.partition("//")  # joining would make one of the two
    return urljoin(url, path) + inside + inner


def _split(source: str) -> tuple[str, str]:
    """The address without the folder within, which follows a `//` that is not the scheme's."""
    text, query, parameters = source.partition("?")
    start = text.find("://") + 3 if "://" in text else 0
    at = text.find("//", start)
    if at < 0:
        return source, ""
    inner = posixpath.normpath(text[at:].strip("/"))
    if inner == ".." or inner.startswith("../"):
        raise AddressError("the folder within it lies outside of it")
    return text[:at] + query + parameters, "" if inner == "." else inner


def _short(text: str, inner: str) -> Address:
    path, query, parameters = text.partition("?")
    parts = path.split("/")
    if len(parts) < 3 or not all(parts[:3]):
        raise AddressError(f"an address like {parts[0]}/owner/name is required")
    name = parts[2] if parts[2].endswith(".git") else parts[2] + ".git"
    inner = posixpath.join("/".join(parts[3:]), inner) if len(parts) > 3 else inner
    return _git(f"https://{parts[0]}/{parts[1]}/{name}{query}{parameters}", inner)


def _git(url: str, inner: str) -> Address:
    split = urlsplit(url)
    if not split.hostname or split.hostname.startswith("-") or split.path in ("", "/"):
        raise AddressError("its source is no address of a git repository")
    query = parse_qsl(split.query, keep_blank_values=True)
    ref = next((value for name, value in query if name == "ref"), "")
    if ref and (not re.fullmatch(r"[^\s~^:?*\[\\-][^\s~^:?*\[\\]*", ref) or ".." in ref):
        raise AddressError("its ref is no name that git knows")
    rest = [(name, value) for name, value in query if name not in ("ref", "depth", "sshkey")]
    return Address("git", urlunsplit(split._replace(query=urlencode(rest), fragment="")), inner, ref=ref)


def _archive(url: str, inner: str) -> Address:
    split = urlsplit(url)
    query = parse_qsl(split.query, keep_blank_values=True)
    values = dict(query)
    rest = [(name, value) for name, value in query if name not in ("archive", "checksum")]
    location = urlunsplit(split._replace(query=urlencode(rest) if rest != query else split.query, fragment=""))
    ending = f".{values['archive']}" if values.get("archive") else split.path
    format = next((known for known in _ARCHIVES if ending.endswith(known)), "")
    if not split.hostname:
        raise AddressError("its source is no address of a module")
    return Address("archive" if format else "http", location, inner, format=format, checksum=values.get("checksum", ""))
