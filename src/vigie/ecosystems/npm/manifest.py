"""package.json: what a Node.js package says of itself. Source: the npm documentation of package.json."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from vigie import spdx
from vigie.model.purl import purl
from vigie.scanner.analyzer import ParseError

NAME = re.compile(r"(?:@[A-Za-z0-9._-]+/)?[A-Za-z0-9._-]+")


class Manifest(Struct):
    """The identity of a package. Types are checked by the functions below: one odd field must not hide the others."""

    name: Any = ""
    version: Any = ""
    license: Any = None


class Project(Manifest):
    """What a project asks for."""

    dependencies: Any = None
    devDependencies: Any = None
    optionalDependencies: Any = None
    workspaces: Any = None
    resolutions: Any = None


M = TypeVar("M", bound=Manifest)
_MANIFEST = msgspec.json.Decoder(Manifest)
_PROJECT = msgspec.json.Decoder(Project)


def read_manifest(data: bytes) -> Manifest:
    """Raises ParseError when it is no JSON object, or when its name or version is no text."""
    return _checked(_MANIFEST, data)


def read_project(data: bytes) -> Project:
    """Raises ParseError when it is no JSON object, or when a field that is looked at has the wrong type."""
    project = _checked(_PROJECT, data)
    for field in ("dependencies", "devDependencies", "optionalDependencies"):
        if not isinstance(getattr(project, field), dict | None):
            raise ParseError(f"is not a valid package.json: {field} should be a table")
    return project


def _checked(decoder: msgspec.json.Decoder[M], data: bytes) -> M:
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        try:
            manifest = decoder.decode(data)
        except UnicodeDecodeError:
            manifest = decoder.decode(data.decode("utf-8", errors="replace"))
    except msgspec.DecodeError as error:
        raise ParseError(f"is not a valid package.json: {error}") from error
    for field in ("name", "version"):
        value = getattr(manifest, field)
        if value is None:
            setattr(manifest, field, "")
        elif not isinstance(value, str):
            raise ParseError(f"is not a valid package.json: {field} should be text")
    return manifest


def licenses_of(manifest: Manifest) -> tuple[str, ...]:
    """The licences of the `license` field: text, an object with `type`, or a list of such objects."""
    field = manifest.license
    found = field if isinstance(field, list) else [field]
    types = (entry.get("type") if isinstance(entry, dict) else entry for entry in found)
    return spdx.unique(entry for entry in types if isinstance(entry, str))


def npm_purl(name: str, version: str) -> str:
    """The package URL of an npm package; the scope of `@scope/name` is the namespace."""
    scope, slash, bare = name.lower().rpartition("/")
    return purl("npm", scope, bare, version) if slash else purl("npm", "", bare, version)
