"""Docker's configuration file and credential helpers (docs.docker.com, `docker login` and its credential stores)."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from vigie.errors import VigieError
from vigie.oci.credentials import ANONYMOUS, Credential, candidates, from_config
from vigie.oci.tokens import parse_challenges
from vigie.settings.groups import RegistryOptions


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return tmp_path


def auth(text: str) -> dict[str, str]:
    return {"auth": base64.b64encode(text.encode()).decode()}


def write(folder: Path, **document: Any) -> None:
    (folder / "config.json").write_text(json.dumps(document))


def program(folder: Path, name: str, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / f"docker-credential-{name}"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


@pytest.mark.parametrize(
    ("key", "host", "repository"),
    [
        ("reg.io", "reg.io", "a"),
        ("https://reg.io", "reg.io", "a"),
        ("https://reg.io/v2/", "reg.io", "a"),
        ("http://localhost:5000", "localhost:5000", "a"),
        ("https://index.docker.io/v1/", "index.docker.io", "library/alpine"),
        ("docker.io", "index.docker.io", "library/alpine"),
        ("reg.io/team", "reg.io", "team/app"),
        ("reg.io/team/app", "reg.io", "team/app"),
    ],
)
def test_the_spellings_of_a_registry(folder: Path, key: str, host: str, repository: str) -> None:
    write(folder, auths={"other.io": auth("x:y"), key: auth("me:pa:ss")})
    assert from_config(host, repository) == Credential("me", "pa:ss")


def test_the_most_particular_entry_wins(folder: Path) -> None:
    write(folder, auths={"reg.io": auth("host:1"), "reg.io/team": auth("team:1"), "reg.io/team/app": auth("app:1")})
    found = [from_config("reg.io", name) for name in ("team/app", "team/other", "x")]
    assert [credential.user for credential in found if credential] == ["app", "team", "host"]
    assert from_config("reg.io.evil.org", "team/app") is None


def test_identity_tokens(folder: Path) -> None:
    write(folder, auths={"reg.io": auth("00000000-0000-0000-0000-000000000000:") | {"identitytoken": "tok"}})
    found = from_config("reg.io", "a")
    assert found is not None
    assert found.identity_token == "tok"
    assert "tok" not in repr(found)


def test_helpers_are_asked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(folder, "one", 'read host; echo "{\\"Username\\": \\"$1\\", \\"Secret\\": \\"$host\\"}"', monkeypatch)
    program(folder, "two", 'echo \'{"Username": "<token>", "Secret": "s"}\'', monkeypatch)
    write(folder, credHelpers={"reg.io": "one"}, credsStore="two", auths={"file.io": auth("a:b")})
    assert from_config("reg.io", "a") == Credential("get", "reg.io")
    assert from_config("x.io", "a") == Credential(identity_token="s")


@pytest.mark.parametrize("script", ["exit 1", "echo nonsense", "echo '{}'", "echo '[1]'"])
def test_a_helper_that_fails_falls_back_to_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program(folder, "bad", script, monkeypatch)
    write(folder, credsStore="bad", auths={"reg.io": auth("a:b")})
    assert from_config("reg.io", "x") == Credential("a", "b")


@pytest.mark.parametrize("name", ["absent", "../../bin/sh", "a b", "-x"])
def test_a_helper_that_is_none_is_not_run(folder: Path, name: str) -> None:
    write(folder, credHelpers={"reg.io": name})
    assert from_config("reg.io", "x") is None


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"auths": {"reg.io": {"auth": "%%%"}}}', '{"auths": {"reg.io": {"auth": "YWJj"}}}']
)
def test_a_damaged_configuration_is_said(folder: Path, text: str) -> None:
    (folder / "config.json").write_text(text)
    with pytest.raises(VigieError, match=str(folder / "config.json")):
        from_config("reg.io", "x")


@pytest.mark.parametrize("text", ["", "{}", '{"auths": null}', '{"auths": {"reg.io": {}}}', '{"credsStore": 5}'])
def test_an_empty_configuration_is_none(folder: Path, text: str) -> None:
    (folder / "config.json").write_text(text)
    assert list(candidates("reg.io", "x", RegistryOptions())) == [ANONYMOUS]


def test_the_order_of_candidates(folder: Path) -> None:
    write(folder, auths={"reg.io": auth("file:1")})
    options = RegistryOptions(usernames=("a", "b"), passwords=("1", "2"), token="t")
    found = list(candidates("reg.io", "x", options))
    assert [(credential.bearer, credential.user) for credential in found] == [
        ("t", ""),
        ("", "a"),
        ("", "b"),
        ("", "file"),
        ("", ""),
    ]
    with pytest.raises(VigieError, match="2 user names but 1 passwords"):
        next(candidates("reg.io", "x", RegistryOptions(usernames=("a", "b"), passwords=("1",))))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            'Bearer realm="https://a/t",service="s",scope="x:y,z"',
            [("bearer", {"realm": "https://a/t", "service": "s", "scope": "x:y,z"})],
        ),
        ("Basic realm=plain", [("basic", {"realm": "plain"})]),
        (
            'bearer realm="a \\"b\\"", error=insufficient_scope',
            [("bearer", {"realm": 'a "b"', "error": "insufficient_scope"})],
        ),
        ('Basic realm="r", Bearer realm="x"', [("basic", {"realm": "r"}), ("bearer", {"realm": "x"})]),
        ("Negotiate", [("negotiate", {})]),
        ("", []),
        ("nonsense", []),
    ],
)
def test_challenges(header: str, expected: list[tuple[str, dict[str, str]]]) -> None:
    assert [(challenge.scheme, challenge.values) for challenge in parse_challenges(header)] == expected
