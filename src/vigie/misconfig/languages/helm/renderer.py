"""The process that renders charts: started when the first one is met, asked one chart at a time, ended and started anew
when a chart takes too much.
"""

from __future__ import annotations

import atexit
import base64
import importlib.util
import json
import os
import select
import struct
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from vigie.errors import UsageError, VigieError
from vigie.misconfig.languages.helm.settings import Settings

SECONDS = 40.0
"""By the clock for one chart; `engine.py` bounds its processor time and memory."""
MOST_BYTES = 128 << 20
"""Of one answer."""
ENGINE = "helm_python"
INSTALL = "pip install 'vigie[helm]'"
VARIABLES = ("PATH", "LANG", "LC_ALL", "TMPDIR", "HELM_C_LIB", "LD_LIBRARY_PATH")
"""All that the process gets of the environment."""


class Rendered(Struct, frozen=True):
    """What the engine made of a chart. documents: text by the engine's name of the template; marked: the same from
    templates with marks; failures: templates that failed ("" for the chart) and why; missing: dependencies that are
    not there."""

    documents: Mapping[str, str]
    marked: Mapping[str, str] = {}
    failures: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()


class EngineError(VigieError):
    """The engine is not there, or did not survive a chart."""


def installed() -> bool:
    """Whether the engine can be imported."""
    return importlib.util.find_spec(ENGINE) is not None


class Renderer:
    """A running engine with the values of all charts. Raises EngineError, and UsageError for values it refuses."""

    def __init__(self, settings: Settings) -> None:
        if not installed():
            raise EngineError("the Helm engine is not installed", INSTALL)
        self.settings, self.owner, self.ended = settings, os.getpid(), False
        environment = {name: os.environ[name] for name in VARIABLES if name in os.environ}
        # nothing in the engine is meant to reach the network; what tries to finds no way out
        nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9")
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(Path(__file__).with_name("engine.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment | nowhere,
        )
        answer = self._ask(
            {
                "values": settings.values,
                "set": settings.set,
                "set_string": settings.set_string,
                "set_file": settings.set_file,
                "kube_version": settings.kube_version,
                "api_versions": settings.api_versions,
            }
        )
        if "usage" in answer or "broken" in answer:
            self.close()
            if "usage" in answer:
                raise UsageError(f"Helm values cannot be read: {answer['usage']}")
            raise EngineError(f"the Helm engine cannot be loaded: {answer['broken']}", f"reinstall it: {INSTALL}")

    def render(
        self, name: str, files: Mapping[str, bytes], paths: Mapping[str, str], marks: Mapping[str, str]
    ) -> Rendered:
        """Renders a chart. paths: the engine's names of templates → their files; marks: templates with marks."""
        encoded = {path: base64.b64encode(data).decode() for path, data in files.items()}
        answer = self._ask({"name": name, "files": encoded, "paths": dict(paths), "marks": dict(marks)})
        return Rendered(
            answer["documents"],
            answer["marked"],
            tuple((one["template"], one["what"]) for one in answer["failures"]),
            tuple(answer["missing"]),
        )

    def _ask(self, request: Any) -> Any:
        if self.ended:
            raise EngineError("the Helm engine has ended")
        data = json.dumps(request).encode()
        until = time.monotonic() + SECONDS
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(struct.pack("<I", len(data)) + data)
            self._process.stdin.flush()
            size = struct.unpack("<I", self._read(4, until))[0]
            if size > MOST_BYTES:
                raise EngineError(f"renders to more than {MOST_BYTES >> 20} MB")
            return json.loads(self._read(size, until))
        except (EngineError, OSError) as error:
            self.close()
            if isinstance(error, EngineError):
                raise
            raise EngineError("the Helm engine ended: it crashed, or took more time or memory than it may") from None

    def _read(self, size: int, until: float) -> bytes:
        assert self._process.stdout is not None
        pipe = self._process.stdout.fileno()
        held = bytearray()
        while len(held) < size:
            ready, _, _ = select.select([pipe], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise EngineError(f"was not rendered within {SECONDS:.0f} seconds")
            data = os.read(pipe, min(size - len(held), 1 << 20))
            if not data:
                raise OSError("the pipe is closed")
            held += data
        return bytes(held)

    def close(self) -> None:
        """Ends the process."""
        self.ended = True
        if self.owner == os.getpid():
            self._process.kill()
            self._process.wait()
        else:
            self._process.returncode = 0  # another process's child: not ours to wait for
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except OSError:
                pass


_running: Renderer | None = None


def renderer(settings: Settings) -> Renderer:
    """The running engine of this process; a new one after another ended, for other values, and after a fork."""
    global _running  # noqa: PLW0603
    if _running is not None and (_running.ended or _running.owner != os.getpid() or _running.settings != settings):
        stop()
    if _running is None:
        _running = Renderer(settings)
    return _running


@atexit.register
def stop() -> None:
    """Ends the engine of this process, if there is one. The next chart starts another."""
    global _running  # noqa: PLW0603
    if _running is not None:
        _running.close()
        _running = None
