"""A registry in this process that behaves as badly as a test wants."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, BinaryIO

from builders.image import Image, digest


class Answer:
    """What to send. declared: Content-Length when it shall lie. cut_after: bytes after which the connection breaks.
    drip: seconds between single bytes of the body."""

    def __init__(
        self,
        status: int = 200,
        body: bytes = b"",
        *,
        headers: dict[str, str] | None = None,
        declared: int | None = None,
        cut_after: int | None = None,
        stall: bool = False,
        drip: float = 0.0,
    ) -> None:
        self.status, self.body, self.headers = status, body, headers or {}
        self.declared, self.cut_after, self.stall, self.drip = declared, cut_after, stall, drip


Hook = Callable[["Request"], Answer | None]


class Request:
    """What was asked."""

    def __init__(self, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
        self.method, self.path, self.headers, self.body = method, path, headers, body


class Registry:
    """Serves manifests and blobs by path. `hook` may answer first; `requests` remembers everything."""

    def __init__(self) -> None:
        self.manifests: dict[str, tuple[str, bytes]] = {}
        self.blobs: dict[str, bytes] = {}
        self.requests: list[Request] = []
        self.hook: Hook = lambda request: None
        self.released = threading.Event()
        self.server: ThreadingHTTPServer | None = None

    @property
    def host(self) -> str:
        assert self.server is not None
        return f"127.0.0.1:{self.server.server_address[1]}"

    def add(self, repository: str, tag: str, image: Image) -> None:
        for name in (tag, digest(image.manifest)):
            self.manifests[f"{repository}/manifests/{name}"] = (image.document["mediaType"], image.manifest)
        self.blobs |= {f"{repository}/blobs/{key}": data for key, data in image.blobs.items()}

    def asked(self, part: str) -> list[Request]:
        return [request for request in self.requests if part in request.path]

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        found = self.hook(request)
        if found is not None:
            return found
        key = request.path.removeprefix("/v2/")
        if key in self.manifests:
            media_type, body = self.manifests[key]
            return Answer(200, body, headers={"Content-Type": media_type})
        if key in self.blobs:
            return self.ranged(request, self.blobs[key])
        return (
            Answer(200, b"{}")
            if key == ""
            else Answer(404, b'{"errors":[{"code":"NAME_UNKNOWN","message":"not here"}]}')
        )

    def ranged(self, request: Request, body: bytes) -> Answer:
        wanted = request.headers.get("range", "")
        if not wanted:
            return Answer(200, body)
        start = int(wanted.removeprefix("bytes=").rstrip("-"))
        if start >= len(body):
            return Answer(416)
        return Answer(206, body[start:], headers={"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}"})


def _handler(registry: Registry) -> type[BaseHTTPRequestHandler]:
    def drip(file: BinaryIO, answer: Answer) -> None:
        with suppress(OSError):
            for number in range(len(answer.body)):
                file.write(answer.body[number : number + 1])
                if registry.released.wait(answer.drip):
                    return

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = int(self.headers.get("content-length", "0"))
            headers = {key.lower(): value for key, value in self.headers.items()}
            answer = registry.answer(Request(self.command, self.path, headers, self.rfile.read(length)))
            if answer.stall:
                registry.released.wait(5)
                self.close_connection = True
                return
            self.send_response(answer.status)
            for key, value in answer.headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(answer.body) if answer.declared is None else answer.declared))
            self.end_headers()
            if answer.drip:
                drip(self.wfile, answer)
                return
            self.wfile.write(answer.body[: answer.cut_after])
            if answer.cut_after is not None or answer.declared is not None:
                self.close_connection = True

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


@contextmanager
def running() -> Iterator[Registry]:
    """A registry on a free port of this machine, plain HTTP."""
    registry = Registry()
    registry.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(registry))
    registry.server.daemon_threads = True
    registry.server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that hang up
    thread = threading.Thread(target=registry.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield registry
    finally:
        registry.released.set()
        registry.server.shutdown()
        registry.server.server_close()
        thread.join()
