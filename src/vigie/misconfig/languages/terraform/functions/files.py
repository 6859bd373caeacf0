"""Files and paths. Only what lies beneath the root of what is scanned is ever read.

Terraform looks from the folder it is run in, which is the root module's. So do we; then from the scan's root, since
`path.module` may be given so, then from the module's own folder. An absolute path counts from the scan's root.
"""

from __future__ import annotations

import posixpath
import re
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from vigie.misconfig.languages.terraform.functions import Context
from vigie.misconfig.languages.terraform.values import MAX_ITEMS, FunctionError, LimitError, SetValue, make_set
from vigie.misconfig.value import Unknown

_MAX_PATTERNS = 64


def read(context: Context, path: str) -> bytes:
    """The bytes of a file. Raises FunctionError when there is none, and takes note of one that lies outside."""
    for place in _places(context, path):
        content = context.files.read(place)
        if content is not None:
            return content
    raise FunctionError(f"there is no file {path}")


def _places(context: Context, path: str) -> Iterator[str]:
    """Where a path may lie beneath the root."""
    if "\0" in path:
        raise FunctionError("a path without NUL is required")
    starts = [""] if path.startswith("/") else [context.root, "", context.folder]
    inside = [place for start in starts if (place := _beneath(start, path)) is not None]
    if not inside:
        context.warn(f"{path} lies outside of what is scanned and is not read")
        raise FunctionError(f"{path} lies outside")
    yield from dict.fromkeys(inside)


def _beneath(start: str, path: str) -> str | None:
    place = posixpath.normpath(posixpath.join(start or ".", path.lstrip("/")))
    return None if place == ".." or place.startswith("../") else place


def file(context: Context, path: str) -> str:
    return _text(read(context, path), path)


def _text(content: bytes, path: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise FunctionError(f"{path} is not a text in UTF-8") from error


def filebase64(context: Context, path: str) -> str:
    return b64encode(read(context, path)).decode()


def fileexists(context: Context, path: str) -> bool:
    return any(context.files.read(place) is not None for place in _places(context, path))


def templatefile(context: Context, path: str, variables: dict[str, Any]) -> Any:
    return context.template(_text(read(context, path), path), path, variables)


def templatestring(context: Context, text: str, variables: dict[str, Any]) -> Any:
    return context.template(text, "templatestring", variables)


def fileset(context: Context, folder: str, pattern: str) -> SetValue:
    """Paths of files below a folder, relative to it."""
    for place in _places(context, folder):
        start = "" if place == "." else place + "/"
        found: list[str] = []
        for choice in _choices(pattern):
            wanted = _beneath(place, choice)
            if wanted is None:
                context.warn(f"{pattern} reaches outside of what is scanned and is not looked for")
                raise FunctionError(f"{pattern} reaches outside")
            escaped = re.sub(r"[*?\[]", r"[\g<0>]", start)
            for path in context.files.glob(escaped + wanted.removeprefix(start)):
                found.append(path.removeprefix(start) if path.startswith(start) else posixpath.relpath(path, place))
                if len(found) > MAX_ITEMS:
                    raise LimitError(f"more than {MAX_ITEMS} files")
        if found:
            return make_set(found)
    return SetValue()


def _choices(pattern: str) -> list[str]:
    """`*.{a,b}` as `*.a` and `*.b`."""
    done: list[str] = []
    open_ = [pattern]
    while open_:
        if len(done) + len(open_) > _MAX_PATTERNS:
            raise LimitError("too many alternatives in the pattern")
        text = open_.pop()
        if group := re.search(r"\{([^{}]*)\}", text):
            open_ += [text[: group.start()] + part + text[group.end() :] for part in group[1].split(",")]
        else:
            done.append(text)
    return done


def basename(path: str) -> str:
    return posixpath.basename(path.rstrip("/")) or ("/" if path else ".")


def dirname(path: str) -> str:
    return posixpath.normpath(posixpath.dirname(path) or ".")


def abspath(context: Context, path: str) -> str:
    """An absolute path, seen from the scan's root: where that lies must not change results."""
    if path.startswith("/"):
        return posixpath.normpath(path)
    return posixpath.normpath(posixpath.join("/", context.root, path))


def pathexpand(path: str) -> str | Unknown:
    """A home folder is somebody's own, and not known here."""
    return Unknown("string") if path == "~" or path.startswith("~/") else path
