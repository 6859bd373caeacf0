"""Start-up stays short: what a small command imports, and how programs see us."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ALLOWED = {
    "vigie",
    "vigie.__main__",
    "vigie.cli",
    "vigie.cli.main",
    "vigie.cli.version",
    "vigie.settings",
    "vigie.settings.files",
}
"""All of ours that `vigie version` may import."""
HEAVY = {
    "argparse",
    "asyncio",
    "httpx",
    "json",
    "logging",
    "msgspec",
    "pathlib",
    "re",
    "rich",
    "sqlite3",
    "ssl",
    "yaml",
}

PROBE = """
import sys
before = set(sys.modules)
from vigie.cli.main import main
status = main(sys.argv[1:])
print(*sorted(set(sys.modules) - before), sep="\\n", file=sys.stderr)
raise SystemExit(status)
"""


def started(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", **more}
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, env=environment, timeout=60, check=False
    )


def test_version_imports_almost_nothing() -> None:
    done = started("-c", PROBE, "version")
    imported = set(done.stderr.split())
    assert done.returncode == 0
    assert {name for name in imported if name.partition(".")[0] == "vigie"} <= ALLOWED
    assert not imported & (HEAVY - {"re"})  # typing brings `re`


def test_help_reads_no_plug_ins() -> None:
    done = started("-c", PROBE, "image", "--help")
    imported = set(done.stderr.split())
    assert done.returncode == 0
    assert not imported & {"argparse", "asyncio", "httpx", "rich", "sqlite3", "ssl", "yaml"}
    assert not {name for name in imported if name.startswith(("vigie.ecosystems", "vigie.distros", "vigie.plugs"))}


def test_version_reads_the_databases_metadata(tmp_path: Path) -> None:
    for name, version in (("db", 2), ("java-db", 1)):
        (tmp_path / name).mkdir()
        metadata = {
            "Version": version,
            "UpdatedAt": "2026-01-31T00:25:10Z",
            "DownloadedAt": "2026-02-01T08:00:00Z",
            "x": 1,
        }
        (tmp_path / name / "metadata.json").write_text(json.dumps(metadata))
    done = started("-m", "vigie", "version", "-f", "json", VIGIE_CACHE_DIR=str(tmp_path))
    document = json.loads(done.stdout)
    assert document["VulnerabilityDB"] == {
        "Version": 2,
        "UpdatedAt": "2026-01-31T00:25:10Z",
        "DownloadedAt": "2026-02-01T08:00:00Z",
    }
    assert document["JavaDB"]["Version"] == 1
    text = started("-m", "vigie", "--cache-dir", str(tmp_path), "--version").stdout
    assert "Vulnerability DB:\n  Version: 2\n" in text
    (tmp_path / "db" / "metadata.json").write_text("{broken")
    assert "VulnerabilityDB" not in json.loads(
        started("-m", "vigie", "version", "-f", "json", VIGIE_CACHE_DIR=str(tmp_path)).stdout
    )


def test_a_closed_pipe_is_no_error() -> None:
    done = subprocess.run(
        f"{sys.executable} -m vigie image --help | head -1",
        shell=True,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


@pytest.mark.parametrize("existing", [False, True])
def test_files_are_written_whole_or_not_at_all(tmp_path: Path, existing: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    from vigie.cli import output
    from vigie.errors import VigieError

    path = tmp_path / "report.json"
    if existing:
        path.write_text("before")
        path.chmod(0o640)
    output.write_file(str(path), lambda out: out.write("after"))
    assert path.read_text() == "after"
    assert path.stat().st_mode & 0o777 == (0o640 if existing else 0o666 & ~output._umask())

    def refuse(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(VigieError, match=r"report.json could not be written: no space left on device"):
        output.write_file(str(path), lambda out: out.write("never"))
    assert path.read_text() == "after"
    assert [each.name for each in tmp_path.iterdir()] == ["report.json"]


def test_links_are_followed_and_devices_written_to(tmp_path: Path) -> None:
    from vigie.cli import output

    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("before")
    link.symlink_to(real)
    output.write_file(str(link), lambda out: out.write("after"))
    assert link.is_symlink()
    assert real.read_text() == "after"
    output.write_file("/dev/null", lambda out: out.write("anything"))
