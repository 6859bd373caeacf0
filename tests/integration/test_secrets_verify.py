"""`--verify` in whole scans, with a stub for all providers: who is asked about, and that the cache stays out of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest

from builders.image import Image, archive
from program import Program
from servers.fake_registry import Answer, Registry, Request, running
from vigie.compose import scan
from vigie.model.report import Report
from vigie.secrets import verify
from vigie.secrets.examples import fill
from vigie.settings.groups import (
    GlobalOptions,
    ImageOptions,
    Options,
    ReportOptions,
    ScanOptions,
    SecretOptions,
)

pytestmark = pytest.mark.integration
FIRST, SECOND = (fill("${github:ghp_}", seed) for seed in ("one", "two"))


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """What answers for every provider: the first token works, no other does."""
    with running() as server:

        def hook(request: Request) -> Answer:
            return Answer(200 if FIRST in request.headers["authorization"] else 401)

        def at(url: str) -> str:
            assert url.startswith("https://api.github.com/")
            return urlsplit(url)._replace(scheme="http", netloc=server.host).geturl()

        server.hook = hook
        monkeypatch.setattr(verify, "Verifier", partial(verify.Verifier, address=at))
        yield server


def verified(report: Report) -> list[tuple[str, str]]:
    return [(one.path, one.verified) for result in report.results for one in result.secrets]


def options(folder: Path, **more: object) -> Options:
    given = Options(
        general=GlobalOptions(cache_dir=str(folder / "cache")),
        scan=ScanOptions(scanners=("secret",)),
        secret=SecretOptions(verify=True),
    )
    return msgspec.structs.replace(given, **more)


def test_findings_are_asked_about_and_nothing_else(stub: Registry, tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "tests").mkdir(parents=True)
    (project / "a.env").write_text(f"TOKEN={FIRST}\n")
    (project / "b.env").write_text(f"TOKEN={SECOND}\nAGAIN={SECOND}\n")
    (project / "c.env").write_text(f"TOKEN={fill('${github:ghp_}', 'three')} # gitleaks:allow\n")
    (project / "tests/d.env").write_text(f"TOKEN={fill('${github:ghp_}', 'four')}\n")
    (project / "e.env").write_text(f"TOKEN=ghp_{'x' * 36}\n")
    (project / "f.env").write_text(f"TOKEN={fill('${github:gho_}', 'five')}\n")
    ignored = tmp_path / "ignore"
    ignored.write_text("github-oauth\n")
    report = scan(
        str(project), "fs", options(tmp_path, report=ReportOptions(show_suppressed=True, ignore_file=str(ignored)))
    )
    assert verified(report) == [("a.env", "active"), ("b.env", "inactive"), ("b.env", "inactive")]
    assert sorted(request.headers["authorization"] for request in stub.requests) == sorted(
        [f"Bearer {FIRST}", f"Bearer {SECOND}"]
    )
    assert report.problems == ()


def test_without_it_nobody_is_asked(stub: Registry, tmp_path: Path) -> None:
    (tmp_path / "a.env").write_text(f"TOKEN={FIRST}\n")
    report = scan(str(tmp_path / "a.env"), "fs", options(tmp_path, secret=SecretOptions()))
    assert verified(report) == [("a.env", "")]
    assert stub.requests == []


def test_the_cache_is_neither_asked_nor_filled(stub: Registry, tmp_path: Path) -> None:
    image = Image({"app/.env": f"TOKEN={FIRST}\n".encode()})
    saved = str(archive(tmp_path / "image.tar", image))
    plain = options(tmp_path, image=ImageOptions(input=saved), secret=SecretOptions())
    asking = options(tmp_path, image=ImageOptions(input=saved))
    assert verified(scan("", "image", asking)) == [("/app/.env", "active")]
    assert list((tmp_path / "cache").rglob("*.db")) == []
    assert verified(scan("", "image", plain)) == [("/app/.env", "")]
    assert list((tmp_path / "cache").rglob("*.db")) != []
    assert verified(scan("", "image", asking)) == [("/app/.env", "active")]
    assert verified(scan("", "image", plain)) == [("/app/.env", "")]


def test_the_command_line(vigie: Program) -> None:
    """Without a network: the problem names the host and the reason, and the report is there."""
    (vigie.work / "a.env").write_text(f"TOKEN={FIRST}\n")
    nowhere: dict[str, str | None] = {"HTTPS_PROXY": "http://127.0.0.1:1", "CI": "true"}
    ended = vigie.run("secret", ".", "--verify", "-f", "json", "--debug", environment=nowhere)
    assert ended.status == 0
    (one,) = ended.report["Results"][0]["Secrets"]
    assert one["Verified"] == "unknown"
    (problem,) = ended.report["Problems"]
    assert problem["Where"] == "api.github.com" and "could not be reached" in problem["What"]
    assert FIRST not in ended.out + ended.err and FIRST[6:20] not in ended.out + ended.err
    quiet = vigie.run("secret", ".", environment={**nowhere, "VIGIE_VERIFY": "true"})
    assert "VIGIE_VERIFY is passed over where CI is set" in quiet.err and "api.github.com" not in quiet.out
    offline = vigie.run("secret", ".", "--verify", "--offline-scan")
    assert (offline.status, "--offline-scan" in offline.err) == (2, True)
