"""Where settings and caches live, and settings files read into plain dictionaries."""

# `vigie version` imports this, and pathlib would double its time.
# ruff: noqa: PTH111, PTH113, PTH118, PTH123
from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

DEFAULT_FILES = ("vigie.yaml", "trivy.yaml")
"""Looked for in the working folder; the first that exists is read, alone."""
MAX_SIZE = 1 << 20


def cache_folder(given: str, environment: Mapping[str, str]) -> str:
    """The folder for databases and scan results: as given, else from the environment, else `vigie` in the user's cache
    folder."""
    chosen = given or environment.get("VIGIE_CACHE_DIR", "") or environment.get("TRIVY_CACHE_DIR", "")
    if chosen:
        return os.path.expanduser(chosen)
    home = environment.get("XDG_CACHE_HOME", "")
    if not home.startswith("/"):  # the XDG specification: relative paths are invalid and ignored
        home = os.path.expanduser("~/.cache")
    return os.path.join(home, "vigie")


def find(given: str, folder: str = ".") -> str:
    """The path of the settings file to read; "" when there is none. Raises UsageError when a given one is absent."""
    if given:
        if not os.path.isfile(given):
            from vigie.errors import UsageError

            raise UsageError(f"the settings file {given} does not exist", "see --config")
        return given
    for name in DEFAULT_FILES:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path.removeprefix("./")
    return ""


def read(path: str) -> dict[str, Any]:
    """The document of a YAML settings file, {} for an empty file. Raises UsageError with file and line."""
    import yaml

    from vigie.errors import UsageError

    try:
        with open(path, "rb") as file:
            data = file.read(MAX_SIZE + 1)
    except OSError as error:
        raise UsageError(f"the settings file {path} could not be read: {error.strerror}") from error
    if len(data) > MAX_SIZE:
        raise UsageError(f"the settings file {path} is larger than 1 MB")
    try:
        document = yaml.load(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - a safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else path
        raise UsageError(f"{where}: {error.problem or 'not valid YAML'}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UsageError(f"{path}: not valid YAML") from error
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise UsageError(f"{path}: a settings file is a mapping of names to values")
    return document


def look_up(document: Mapping[str, Any], key: str) -> Any:
    """The value at a dotted key, case ignored as the peer does; None when it is absent."""
    value: Any = document
    for part in key.split("."):
        if not isinstance(value, Mapping):
            return None
        value = next((v for k, v in value.items() if isinstance(k, str) and k.lower() == part.lower()), None)
    return value


def nested(pairs: Iterator[tuple[str, Any]]) -> dict[str, Any]:
    """Dotted keys and values as a tree, the reverse of `look_up`."""
    tree: dict[str, Any] = {}
    for key, value in pairs:
        *above, last = key.split(".")
        branch = tree
        for part in above:
            branch = branch.setdefault(part, {})
        branch[last] = value
    return tree
