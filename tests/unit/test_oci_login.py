"""Logging in and out: nothing is stored that the registry does not accept, and nothing is readable to others."""

from __future__ import annotations

import base64
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from servers.fake_registry import Answer, Registry, Request, running
from vigie.errors import UsageError, VigieError
from vigie.oci.credentials import from_config
from vigie.oci.endpoint import RegistryError
from vigie.oci.login import login, logout

RIGHT = "Basic " + base64.b64encode(b"me:secret").decode()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    return tmp_path / "docker"


@pytest.fixture
def registry() -> Iterator[Registry]:
    def hook(request: Request) -> Answer | None:
        if request.headers.get("authorization") == RIGHT:
            return Answer(200, b"{}")
        return Answer(401, headers={"WWW-Authenticate": 'Basic realm="r"'})

    with running() as server:
        server.hook = hook
        yield server


def test_logging_in_and_out(folder: Path, registry: Registry) -> None:
    folder.mkdir()
    path = folder / "config.json"
    path.write_text(json.dumps({"psFormat": "x", "auths": {"other.io": {"auth": "YTpi"}}}))
    assert login(registry.host, "me", "secret") == str(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    document = json.loads(path.read_text())
    assert document["psFormat"] == "x"
    assert set(document["auths"]) == {"other.io", registry.host}
    found = from_config(registry.host, "a/b")
    assert found is not None
    assert (found.user, found.password) == ("me", "secret")
    assert logout(registry.host)
    assert not logout(registry.host)
    assert json.loads(path.read_text())["auths"] == {"other.io": {"auth": "YTpi"}}
    assert [entry.name for entry in folder.iterdir()] == ["config.json"]


def test_wrong_credentials_are_not_stored(folder: Path, registry: Registry) -> None:
    with pytest.raises(RegistryError, match="not accepted"):
        login(registry.host, "me", "wrong")
    assert not folder.exists()
    with pytest.raises(VigieError, match=r"127\.0\.0\.1:1"):
        login("127.0.0.1:1", "me", "secret")
    assert not folder.exists()


def test_tokens_of_a_realm_are_checked_too(folder: Path, registry: Registry) -> None:
    def hook(request: Request) -> Answer | None:
        if request.path.startswith("/token"):
            return Answer(200, b'{"token": "t"}') if request.headers.get("authorization") == RIGHT else Answer(401)
        if request.headers.get("authorization") == "Bearer t":
            return Answer(200)
        return Answer(401, headers={"WWW-Authenticate": f'Bearer realm="http://{registry.host}/token",service="s"'})

    registry.hook = hook
    login(registry.host, "me", "secret")
    with pytest.raises(RegistryError, match="denies access"):
        login(registry.host, "me", "wrong")


def test_a_store_is_used_when_docker_has_one(folder: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    program = folder / "docker-credential-test"
    program.write_text(f"#!/bin/sh\ncat > {folder}/$1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    (folder / "config.json").write_text('{"credsStore": "test"}')
    assert login(registry.host, "me", "secret") == "docker-credential-test"
    stored = json.loads((folder / "store").read_text())
    assert stored == {"ServerURL": registry.host, "Username": "me", "Secret": "secret"}
    assert "secret" not in (folder / "config.json").read_text()
    assert logout(registry.host)
    assert (folder / "erase").read_text() == registry.host
    program.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(VigieError, match="did not store"):
        login(registry.host, "me", "secret")


@pytest.mark.parametrize("host", ["", "host/path", "me@host.io", "a b.c", "host:99999"])
def test_hosts_that_are_none(folder: Path, host: str) -> None:
    with pytest.raises(VigieError):
        login(host, "me", "secret")


@pytest.mark.parametrize(("user", "password"), [("", "x"), ("x", ""), ("a:b", "x"), ("a", "x\ny")])
def test_credentials_that_cannot_be(folder: Path, user: str, password: str) -> None:
    with pytest.raises(UsageError):
        login("reg.io", user, password)
