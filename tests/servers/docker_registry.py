"""A real registry (Debian's docker-registry) for tests: plain, or with TLS and passwords."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PROGRAMS = ("docker-registry", "skopeo", "htpasswd", "openssl")
COPY = ("skopeo", "--insecure-policy", "copy")


def run(*command: str | Path, **more: Any) -> str:
    """The standard output of a program that must succeed."""
    return subprocess.run([*map(str, command)], check=True, capture_output=True, text=True, timeout=60, **more).stdout


@contextmanager
def serving(folder: Path, http: str = "", auth: str = "") -> Iterator[str]:
    """A registry on a free port; yields localhost:port. http, auth: further lines of its configuration."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = folder / "registry.yml"
    config.write_text(
        f"version: 0.1\nlog: {{level: error, accesslog: {{disabled: true}}}}\n"
        f"storage: {{filesystem: {{rootdirectory: {folder}/data}}}}\nhttp:\n  addr: 127.0.0.1:{port}\n{http}{auth}"
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(["docker-registry", "serve", config], stdout=log, stderr=log)
        try:
            for _ in range(100):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            else:
                pytest.fail(f"the registry did not start: {(folder / 'log').read_text()}")
            yield f"localhost:{port}"
        finally:
            process.terminate()
            process.wait(10)


@contextmanager
def guarded(folder: Path) -> Iterator[tuple[str, Path]]:
    """A registry with TLS by a CA of its own and one account, `me` with `secret`; yields its host and the CA's file."""
    ca = ("-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj")
    run("openssl", "req", "-x509", *ca, "/CN=Test CA", "-keyout", "ca.key", "-out", "ca.crt", cwd=folder)
    run("openssl", "req", *ca, "/CN=localhost", "-keyout", "server.key", "-out", "server.csr", cwd=folder)
    (folder / "san").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    sign = ("-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "san")
    run("openssl", "x509", "-req", "-in", "server.csr", *sign, "-out", "server.crt", cwd=folder)
    (folder / "htpasswd").write_text(run("htpasswd", "-Bbn", "me", "secret"))
    http = f"  tls: {{certificate: {folder}/server.crt, key: {folder}/server.key}}\n"
    auth = f"auth: {{htpasswd: {{realm: r, path: {folder}/htpasswd}}}}\n"
    with serving(folder, http, auth) as host:
        yield host, folder / "ca.crt"
