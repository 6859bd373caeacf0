"""Renders charts with the Helm engine, in a process of its own: templates may loop, eat memory or crash the engine.

Run as a script; knows nothing of Vigie. Reads requests from its standard input and answers on its standard output, both
as a length of four bytes and JSON. The first request holds the values that all charts get; see `renderer.py`.
"""

from __future__ import annotations

import base64
import io
import json
import os
import resource
import struct
import tarfile
from typing import Any

SECONDS = 10
"""Of processor time for one chart."""
MEMORY = 1 << 30
"""Bytes for the whole process."""
MOST_ATTEMPTS = 60
"""How often a chart is rendered again without a template that failed."""


def read(pipe: int, size: int) -> bytes:
    held = b""
    while len(held) < size:
        data = os.read(pipe, size - len(held))
        if not data:
            os._exit(0)
        held += data
    return held


def receive(pipe: int) -> Any:
    return json.loads(read(pipe, struct.unpack("<I", read(pipe, 4))[0]))


def send(pipe: int, answer: Any) -> None:
    data = json.dumps(answer).encode()
    view = memoryview(struct.pack("<I", len(data)) + data)
    while view:
        view = view[os.write(pipe, view) :]


def merged(helm: Any, settings: Any) -> dict[str, Any]:
    """The values of all options, later ones over earlier ones, as Helm has it. Raises what the engine says."""
    values: dict[str, Any] = {}
    for text in settings["values"]:
        overlay(values, helm.values_from_yaml(text), False)
    kinds = (
        ("set", helm.parse_set_string),
        ("set_string", helm.parse_set_string_values),
        ("set_file", helm.parse_set_file),
    )
    for name, parse in kinds:
        for expression in settings[name]:
            overlay(values, parse(expression), "[" in expression)
    return values


def overlay(below: dict[str, Any], above: dict[str, Any], by_index: bool) -> None:
    """Puts values over others. by_index: lists name single places, the others stay."""
    for key, value in above.items():
        old = below.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            overlay(old, value, by_index)
        elif by_index and isinstance(old, list) and isinstance(value, list):
            longest = max(len(old), len(value))
            padded = zip(old + [None] * (longest - len(old)), value + [None] * (longest - len(value)), strict=True)
            below[key] = [_item(was, now) for was, now in padded]
        else:
            below[key] = value


def _item(old: Any, new: Any) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        overlay(old, new, True)
        return old
    return old if new is None else new


def packed(name: str, files: dict[str, bytes]) -> bytes:
    """Files as the archive of a chart."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz", compresslevel=1) as archive:
        for path, data in files.items():
            info = tarfile.TarInfo(f"{name}/{path}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return held.getvalue()


class Chart:
    """One chart to render. paths: how the engine names templates → which file each is."""

    def __init__(self, helm: Any, values: dict[str, Any], settings: Any, request: Any) -> None:
        self._helm, self._values, self._settings = helm, values, settings
        self._name, self._paths = request["name"], request["paths"]
        self._files = {path: base64.b64decode(data) for path, data in request["files"].items()}
        self.failures: list[dict[str, str]] = []
        self.missing: list[str] = []

    def render(self, files: dict[str, bytes], first: bool) -> dict[str, str]:
        """The rendered templates. Raises what the engine says."""
        from helm_python import _native

        with self._helm.Chart.load_archive(packed(self._name, files)) as chart:
            if first:
                there = {one.get("name") for one in chart.dependencies}
                wanted = chart.metadata.get("dependencies") or ()
                self.missing = [
                    f"{one.get('name')} {one.get('version', '')}" for one in wanted if one.get("name") not in there
                ]
            options = {
                "name": self._name,
                "kube_version": self._settings["kube_version"],
                "api_versions": self._settings["api_versions"],
            }
            rendered = _native.call_string("helm_render", chart._raw(), json.dumps(self._values), json.dumps(options))
        found: dict[str, str] = json.loads(rendered)
        return found

    def run(self) -> dict[str, str]:
        """Renders, without the templates that fail."""
        for attempt in range(MOST_ATTEMPTS):
            try:
                return self.render(self._files, attempt == 0)
            except self._helm.HelmError as error:
                what = str(error)
                template = self._failed(what)
                self.failures.append({"template": template, "what": what})
                schemas = [path for path in self._files if path.rpartition("/")[2] == "values.schema.json"]
                if template:
                    del self._files[template]
                elif "schema" in what and schemas:
                    for path in schemas:
                        del self._files[path]
                else:
                    break
        return {}

    def _failed(self, what: str) -> str:
        """The template that a message names first, "" for none."""
        places = ((what.find(f"{name}:"), path) for name, path in self._paths.items() if path in self._files)
        return min(((at, path) for at, path in places if at >= 0), default=(0, ""))[1]

    def marked(self, marks: dict[str, str]) -> dict[str, str]:
        """Renders templates that say which line each of theirs became; nothing when that fails."""
        files = {path: marks[path].encode() if path in marks else data for path, data in self._files.items()}
        try:
            return self.render(files, False)
        except self._helm.HelmError:
            return {}


def bound() -> None:
    """No more than so much processor time from now on."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def main() -> None:
    """Answers requests until the pipe closes."""
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    settings = receive(requests)
    bound()
    try:
        import helm_python as helm
    except Exception as error:
        send(answers, {"broken": f"{type(error).__name__}: {error}"})
        return
    try:
        values = merged(helm, settings)
    except helm.HelmError as error:
        send(answers, {"usage": str(error)})
        return
    send(answers, {})
    while True:
        request = receive(requests)
        bound()
        chart = Chart(helm, values, settings, request)
        documents = chart.run()
        marked = chart.marked(request["marks"]) if documents and request["marks"] else {}
        answer = {"documents": documents, "marked": marked, "failures": chart.failures, "missing": chart.missing}
        send(answers, answer)


if __name__ == "__main__":
    main()
