"""Charts among the files of a scan: folders with a `Chart.yaml`, and archives of such folders.

Charts in a chart's `charts/` belong to it, as folders or as archives, which are unpacked where they stand.
Source: https://helm.sh/docs/topics/charts/
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from vigie.misconfig.language import Files

MOST_BYTES = 48 << 20
"""Of all files of one chart."""
LARGEST_FILE = 5 << 20
"""Helm takes none that is larger."""
MOST_FILES = 5_000
DEEPEST = 6
"""Charts within charts."""
ESSENTIAL = (
    "Chart.yaml",
    "Chart.lock",
    "values.yaml",
    "values.schema.json",
    "requirements.yaml",
    "templates/**",
    "charts/**",
)
ARCHIVES = (".tgz", ".tar.gz")
LEFT_OUT = frozenset({".git", "node_modules", ".terraform", ".venv"})


class Place(Struct, frozen=True):
    """Where a chart stands: main is its `Chart.yaml` or the archive, folder what its files are relative to."""

    main: str
    archive: bool = False

    @property
    def folder(self) -> str:
        return "" if self.archive else self.main.rpartition("/")[0]

    def shown(self, file: str) -> str:
        """How reports name one of the chart's files."""
        if self.archive:
            return f"{self.main}:{file}"
        return f"{self.folder}/{file}" if self.folder else file


class Chart(Struct):
    """A chart with everything in it. files: by path in the chart. unpacked: those that are in no file of their own in
    the scan. problems: what is left out, and why."""

    place: Place
    files: dict[str, bytes] = {}
    unpacked: set[str] = set()
    problems: list[str] = []

    @property
    def name(self) -> str:
        """Its name, else its folder's."""
        folder = self.place.main.rpartition("/")[0].rpartition("/")[2]
        return text(metadata(self.files, "").get("name")) or folder or "chart"

    def templates(self) -> list[str]:
        """Files that become manifests."""
        return [path for path in self.files if is_template(path)]


def text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def is_template(path: str) -> bool:
    """Whether a chart's file becomes a manifest: beneath `templates/`, and no partial."""
    outer, slash, inner = path.rpartition("templates/")
    name = path.rpartition("/")[2]
    return bool(slash) and in_chart(outer) and inner != "" and name[:1] != "_" and name != "NOTES.txt"


def in_chart(folder: str) -> bool:
    """Whether a folder, with its slash, is that of a chart in a chart: `charts/a/charts/b/`, or the chart's own."""
    parts = folder.split("/")[:-1]
    return len(parts) % 2 == 0 and all(part == "charts" for part in parts[::2])


def folders(paths: Sequence[str]) -> set[str]:
    """The folders of all charts, those in charts included."""
    return {path.rpartition("/")[0] for path in paths if path.rpartition("/")[2] == "Chart.yaml"}


def places(paths: Sequence[str]) -> list[Place]:
    """The outermost charts among files that were recognised."""
    known = folders(paths)
    found = [
        Place(f"{folder}/Chart.yaml" if folder else "Chart.yaml") for folder in known if not _inside(folder, known)
    ]
    for path in paths:
        if path.endswith(ARCHIVES):
            folder = path.rpartition("/")[0]
            # beside a Chart.yaml or its own folder it is that chart as it was packed; in `charts/` it is a part of one
            unpacked = any(one.rpartition("/")[0] == folder and path.startswith(f"{one}-") for one in known if one)
            if folder not in known and not unpacked and not _inside(path, known):
                found.append(Place(path, archive=True))
    return sorted(found, key=lambda place: place.main)


def _inside(path: str, known: set[str]) -> bool:
    """Whether a folder or archive stands in the `charts/` of a chart."""
    above, _, _ = path.rpartition("/")
    if above.rpartition("/")[2] != "charts" or not path:
        return False
    parent = above.rpartition("/")[0]
    return parent in known


def owned(path: str, known: set[str]) -> bool:
    """Whether a file is a template of one of these charts."""
    parts = path.split("/")
    return any(part == "templates" and "/".join(parts[:at]) in known for at, part in enumerate(parts[:-1]))


def read(place: Place, files: Files) -> Chart:
    """All files of a chart. Raises ValueError for an archive that is none."""
    chart = Chart(place)
    room = [MOST_BYTES]
    if place.archive:
        data = files.read(place.main)
        if data is None:
            raise ValueError("it is not there any more")
        chart.files.update(untar(data, room))
        chart.unpacked.update(chart.files)
    else:
        _read_folder(chart, files, ESSENTIAL, room)
        if any(b".Files" in data for path, data in chart.files.items() if "templates/" in path):
            _read_folder(chart, files, ("**",), room)
    _unpack(chart, "", room, DEEPEST)
    _tidy(chart)
    return chart


def _read_folder(chart: Chart, files: Files, patterns: Sequence[str], room: list[int]) -> None:
    """Adds the files of a chart's folder that match."""
    prefix = f"{chart.place.folder}/" if chart.place.folder else ""
    escaped = "".join(f"[{sign}]" if sign in "*?[" else sign for sign in prefix)
    for path in (path for pattern in patterns for path in files.glob(escaped + pattern)):
        inner = path[len(prefix) :]
        if inner in chart.files or not LEFT_OUT.isdisjoint(inner.split("/")[:-1]):
            continue
        if len(chart.files) >= MOST_FILES or room[0] <= 0:
            chart.problems.append("has more or larger files than are read; the rest is left out")
            return
        content = files.read(path)
        if content is not None and len(content) <= LARGEST_FILE:
            chart.files[inner] = content
            room[0] -= len(content)
        elif is_template(inner):
            chart.problems.append(f"has a template that is too large, or no plain file: {inner}")


def _unpack(chart: Chart, prefix: str, room: list[int], depth: int) -> None:
    """Unpacks archives in `charts/`, those in what they hold included."""
    for path in [path for path in chart.files if path.startswith(f"{prefix}charts/") and path.endswith(ARCHIVES)]:
        if depth == 0 or path.count("/", len(prefix)) != 1:
            continue
        data = chart.files.pop(path)
        try:
            inner = dict(untar(data, room))
        except ValueError as error:
            chart.problems.append(f"{path}: {error}")
            continue
        name = text(metadata(inner, "").get("name")) or path.rpartition("/")[2].partition(".")[0]
        folder = f"{prefix}charts/{name}/"
        if not name.strip(".") or "/" in name or f"{folder}Chart.yaml" in chart.files:
            continue
        for file, content in inner.items():
            chart.files[folder + file] = content
            chart.unpacked.add(folder + file)
        _unpack(chart, folder, room, depth - 1)


def _tidy(chart: Chart) -> None:
    """Leaves out what stands in a `charts/` and is no chart: the engine refuses the whole chart for it."""
    folders: set[str] = set()
    for path in list(chart.files):
        outer, slash, inner = path.partition("charts/")
        while slash and in_chart(outer):
            below, deeper, rest = inner.partition("/")
            folder = f"{outer}charts/{below}/"
            if not deeper or f"{folder}Chart.yaml" not in chart.files:
                del chart.files[path]
                if deeper and folder not in folders and below[:1] not in "._":
                    folders.add(folder)
                    chart.problems.append(f"has a folder without Chart.yaml in charts/, which is left out: {folder}")
                break
            step, slash, inner = rest.partition("charts/")
            outer = folder + step


def untar(data: bytes, room: list[int]) -> Iterator[tuple[str, bytes]]:
    """The files of a packed chart, relative to its folder. Raises ValueError for what is none, or holds too much."""
    import io
    import tarfile

    unpacker = zlib.decompressobj(wbits=31)
    try:
        plain = unpacker.decompress(data, max(room[0], 1))
        if unpacker.unconsumed_tail:
            raise ValueError(f"it unpacks to more than {MOST_BYTES >> 20} MB")
        room[0] -= len(plain)
        with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as archive:
            for count, member in enumerate(archive):
                if count > MOST_FILES:
                    raise ValueError(f"it holds more than {MOST_FILES} files")
                path = member.name.removeprefix("./").partition("/")[2]
                if not member.isreg() or not path or ".." in path.split("/") or member.size > LARGEST_FILE:
                    continue
                content = archive.extractfile(member)
                if content is not None:
                    yield path, content.read()
    except (tarfile.TarError, zlib.error, EOFError, OverflowError) as error:
        raise ValueError(f"it is no packed chart: {error}") from None


def metadata(files: Mapping[str, bytes], folder: str) -> Mapping[str, Any]:
    """The `Chart.yaml` in a folder, with the dependencies of `requirements.yaml`; empty when it cannot be read."""
    found: dict[str, Any] = {}
    for name in ("requirements.yaml", "Chart.yaml"):
        root = _document(files.get(folder + name, b""))
        if isinstance(root, dict):
            found |= root
    return found


def _document(data: bytes) -> Any:
    from vigie.misconfig.languages import yaml_nodes

    try:
        roots = yaml_nodes.documents(data)
    except ValueError:
        return None
    return roots[0] if roots else None


def engine_paths(files: Mapping[str, bytes], name: str) -> dict[str, str]:
    """How the engine names templates → which file each is. A chart in `charts/` goes by its name there, not by its
    folder, and by each of the aliases under which it is used."""
    found: dict[str, str] = {}
    _engine_paths(files, "", name, DEEPEST, found)
    return found


def _engine_paths(files: Mapping[str, bytes], folder: str, name: str, depth: int, found: dict[str, str]) -> None:
    inner = [path for path in files if path.startswith(folder)]
    for path in inner:
        if path.startswith(f"{folder}templates/"):
            found[f"{name}/{path[len(folder) :]}"] = path
    if depth == 0 or len(found) > MOST_FILES:
        return
    dependencies = metadata(files, folder).get("dependencies")
    wanted = [one for one in dependencies if isinstance(one, dict)] if isinstance(dependencies, list) else []
    start = len(f"{folder}charts/")
    for below in sorted({path[start:].partition("/")[0] for path in inner if path.startswith(f"{folder}charts/")}):
        own = text(metadata(files, f"{folder}charts/{below}/").get("name")) or below
        aliases = {text(one.get("alias")) for one in wanted if one.get("name") == own}
        for called in {own, *aliases} - {""}:
            _engine_paths(files, f"{folder}charts/{below}/", f"{name}/charts/{called}", depth - 1, found)


def without_foreign_schemas(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Files without schemas of values that point elsewhere: the engine would fetch what they name, from the network or
    from this machine."""
    return {path: data for path, data in files.items() if path.rpartition("/")[2] != "values.schema.json" or _own(data)}


def _own(schema: bytes) -> bool:
    try:
        waiting = [json.loads(schema)]
    except (ValueError, RecursionError):
        return False
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            for key, inner in value.items():
                if key in ("$ref", "$dynamicRef", "$recursiveRef") and not text(inner).startswith("#"):
                    return False
                if key == "$schema" and "://json-schema.org/" not in text(inner):
                    return False
            waiting += value.values()
    return True
