"""Agreement with Trivy: both programs read the same inputs with the same database, and their reports in JSON and SARIF
are equal.

`tests/data/peer/` holds the database, the inputs and what Trivy answered (`answers/<input>.json` and `.sarif`). Vigie
is always compared with the answers. Where a `trivy` program stands on PATH, or `VIGIE_PEER_TRIVY` names one, its
answers of today are compared with them as well; `VIGIE_GOLDEN=1` then writes them anew. `docs/differences.md` says what
differs on purpose; the inputs have nothing of it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from builders import bolt, rpm
from builders.image import Image, archive, write
from builders.java import properties
from builders.sample_image import gem, wheel
from program import Program

DATA = Path(__file__).parent.parent / "data" / "peer"
PEER = os.environ.get("VIGIE_PEER_TRIVY") or shutil.which("trivy")
REWRITE = bool(os.environ.get("VIGIE_GOLDEN"))
FUTURE = "2099-01-01T00:00:00Z"
OFFLINE = ("--skip-db-update", "--skip-java-db-update", "--offline-scan", "--scanners", "vuln", "-q", "-f")

pytestmark = pytest.mark.integration


def jar(entries: Mapping[str, bytes | str]) -> bytes:
    """An archive without compression, so that layers have the same digests wherever this runs."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return stream.getvalue()


KNOWN_JAR = jar({"known": "by its digest"})


def project(folder: Path) -> list[str]:
    """Lock files of seven languages."""
    shutil.copytree(DATA / "trees/project", folder / "project")
    return ["fs", "project"]


def with_filters(folder: Path) -> list[str]:
    """What the filters leave of them."""
    (folder / "ignored").write_text("CVE-2020-8203\nCVE-2020-28483 exp:2000-01-01\n# CVE-2022-1471\n")
    filters = (
        "--severity",
        "HIGH,CRITICAL",
        "--ignore-unfixed",
        "--ignorefile",
        "ignored",
        "--skip-dirs",
        "project/api",
    )
    return [*project(folder), *filters, "--skip-files", "**/Gemfile.lock", "--include-dev-deps", "--show-suppressed"]


def debian(folder: Path) -> list[str]:
    """A dpkg database: binary rebuilds, packages of others, licences."""
    shutil.copytree(DATA / "trees/debian", folder / "debian")
    return ["rootfs", "debian"]


def alma(folder: Path) -> list[str]:
    """An rpm database: epochs, modules, keys."""
    openssl = {"name": "openssl-libs", "version": "3.0.7", "release": "25.el9", "epoch": 1, "arch": "x86_64"}
    npm = {"name": "npm", "version": "9.5.1", "release": "1.18.16.0.1.module_el9", "epoch": 1, "arch": "x86_64"}
    packages: list[dict[str, Any]] = [
        openssl | {"source_rpm": "openssl-3.0.7-25.el9.src.rpm", "provides": ["libssl.so.3()(64bit)"]},
        npm | {"modularity": "nodejs:18:9030020231201:rhel9", "requires": ["libssl.so.3()(64bit)"]},
        {"name": "gpg-pubkey", "version": "b86b3716", "release": "61e69f29", "source_rpm": "(none)"},
        openssl | {"name": "foreign", "vendor": "Somebody"},
    ]
    every = {"vendor": "AlmaLinux", "license": "MIT", "source_rpm": "other-1-1.src.rpm"}
    headers = [rpm.header(every | package) for package in packages]
    root = write(folder / "alma", {"etc/almalinux-release": b"AlmaLinux release 9.3 (Shamrock Pampas Cat)\n"})
    (root / "var/lib/rpm").mkdir(parents=True)
    rpm.sqlite_file(headers, root / "var/lib/rpm/rpmdb.sqlite")
    return ["rootfs", "alma"]


def image(folder: Path) -> list[str]:
    """Three layers: a system, what was installed into it, and what a later step changed."""
    alpine = DATA / "trees/alpine"
    base = {str(path.relative_to(alpine)): path.read_bytes() for path in alpine.rglob("*") if path.is_file()}
    lodash = b'{"name": "lodash", "version": "4.17.10", "license": "MIT"}'
    crates = {"app/Cargo.lock": (DATA / "trees/project/engine/Cargo.lock").read_bytes()}
    war = jar({"WEB-INF/lib/snakeyaml-1.25.jar": jar(properties("org.yaml", "snakeyaml", "1.25"))})
    installed = {
        **wheel("Jinja2", "3.1.2"),
        **wheel("gone", "1.0"),
        **gem("rack", "2.1.2"),
        **crates,
        "app/node_modules/lodash/package.json": lodash,
        "app/package-lock.json": b'{"lockfileVersion": 3, "packages": {}}',
        "app/shop.war": war,
        "app/known.jar": KNOWN_JAR,
        "app/snakeyaml-1.26.jar": jar({"class": "by its file's name"}),
    }
    changed = {
        "lib/apk/db/installed": base["lib/apk/db/installed"].replace(b"1.36.1-r5", b"1.36.1-r6"),
        f"{Path(next(iter(wheel('gone', '1.0')))).parent.parent}/.wh.gone-1.0.dist-info": b"",
        **crates,
    }
    archive(folder / "image.tar", Image(base, installed, changed, compress=False), "registry.example/shop/app:1.0")
    return ["image", "--input", "image.tar"]


CASES: dict[str, Callable[[Path], list[str]]] = {
    "project": project,
    "project-filtered": with_filters,
    "debian": debian,
    "alma": alma,
    "image": image,
}


def comparable(report: dict[str, Any]) -> dict[str, Any]:
    """The report without what differs from run to run, and without Vigie's own additions."""
    for key in ("Trivy", "ReportID", "CreatedAt", "Knowledge", "Problems", "Advice"):
        report.pop(key, None)
    config = report.get("Metadata", {}).get("ImageConfig", {})
    for dated in (config, *config.get("history", ())):
        if dated.get("created", "").startswith("0001-"):  # how Go writes "not said"
            del dated["created"]
    for layer in report.get("Metadata", {}).get("Layers", ()):
        layer.pop("CreatedBy", None)
    for result in report.get("Results", ()):
        for entry in (*result.get("Packages", ()), *result.get("Vulnerabilities", ())):
            entry.get("Layer", {}).pop("CreatedBy", None)
            if result["Type"] == "gomod":
                entry.pop("Locations", None)
            if result["Type"] == "jar":
                entry.pop("Digest", None)
    return report


def comparable_sarif(log: dict[str, Any]) -> dict[str, Any]:
    """The log without who wrote it and where, Vigie's own additions, and what it says where the peer says nothing."""
    (run,) = log["runs"]
    for key in ("invocations", "columnKind", "versionControlProvenance", "originalUriBaseIds"):
        run.pop(key, None)
    if "properties" in run:
        run["properties"]["repoDigests"] = run["properties"]["repoDigests"] or []
    driver = run["tool"]["driver"]
    for key in ("name", "fullName", "version", "informationUri"):
        driver.pop(key, None)
    for rule in driver["rules"]:
        for text in (rule["shortDescription"], rule["fullDescription"]):
            text["text"] = text["text"] or rule["id"]
        rule["help"] = {key: text.replace(f"[{rule['id']}]()", rule["id"]) for key, text in rule["help"].items()}
    for result in run["results"]:
        for key in ("partialFingerprints", "suppressions", "relatedLocations", "properties"):
            result.pop(key, None)
        id_, message = result["ruleId"], result["message"]
        message["text"] = message["text"].replace(f"[{id_}]()", id_)
        for location in result["locations"]:
            if "go.mod" in location["message"]["text"]:
                location["physicalLocation"].pop("region")
    return log


COMPARABLE = {"json": comparable, "sarif": comparable_sarif}


def answer(case: str, format_: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / "answers" / f"{case}.{format_}").read_bytes())
    return found


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache folder of Trivy's with both of its databases."""
    tables = json.loads((DATA / "database.json").read_bytes())
    flat = ("data-source", "vulnerability")
    tree: dict[bytes, dict[bytes, Any]] = {}
    for bucket, entries in tables.items():
        tree[bucket.encode()] = {
            name.encode(): _value(entry) if bucket in flat else {key.encode(): _value(entry[key]) for key in entry}
            for name, entry in entries.items()
        }
    folder = tmp_path / "cache"
    for part, version in (("db", 2), ("java-db", 1)):
        (folder / part).mkdir(parents=True)
        dates = {"NextUpdate": FUTURE, "UpdatedAt": FUTURE, "DownloadedAt": FUTURE}
        (folder / part / "metadata.json").write_text(json.dumps({"Version": version} | dates))
    bolt.write(folder / "db/trivy.db", tree)
    with closing(sqlite3.connect(folder / "java-db/trivy-java.db")) as index:
        index.executescript(
            "CREATE TABLE artifacts (id INTEGER PRIMARY KEY, group_id TEXT, artifact_id TEXT);"
            "CREATE TABLE indices (artifact_id INTEGER, version TEXT, sha1 BLOB, archive_type TEXT);"
            "INSERT INTO artifacts VALUES (1, 'org.yaml', 'snakeyaml'), (2, 'org.example', 'known');"
            "INSERT INTO indices VALUES (1, '1.26', x'00', 'jar');"
        )
        index.execute("INSERT INTO indices VALUES (2, '7.0', ?, 'jar')", (hashlib.sha1(KNOWN_JAR).digest(),))
        index.commit()
    return folder


def _value(entry: dict[str, Any]) -> bytes:
    return json.dumps(entry, separators=(",", ":")).encode()


@pytest.mark.parametrize("format_", COMPARABLE)
@pytest.mark.parametrize("case", CASES)
def test_vigie_gives_the_peers_answer(case: str, format_: str, cache: Path, tmp_path: Path) -> None:
    vigie = Program(tmp_path / "vigie", cache / "db/trivy.db")
    given = CASES[case](vigie.work)
    if format_ == "sarif":  # it has none of what was accepted
        given = [argument for argument in given if argument != "--show-suppressed"]
    ended = vigie.run(*given, *OFFLINE, format_, "--cache-dir", cache, "--cache-backend", "memory")
    assert ended.status == 0, ended.err
    assert COMPARABLE[format_](ended.report) == answer(case, format_)


@pytest.mark.skipif(PEER is None, reason="no trivy on PATH, and VIGIE_PEER_TRIVY names none")
@pytest.mark.parametrize("format_", COMPARABLE)
@pytest.mark.parametrize("case", CASES)
def test_the_peer_still_answers_so(case: str, format_: str, cache: Path, tmp_path: Path) -> None:
    assert PEER is not None
    given = CASES[case](tmp_path)
    silent = ("--skip-version-check", "--disable-telemetry", "--cache-dir", cache)
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    ended = subprocess.run(
        [Path(PEER).absolute(), *given, *OFFLINE, format_, *silent],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr.decode()
    found = COMPARABLE[format_](json.loads(ended.stdout))
    if REWRITE:
        (DATA / "answers").mkdir(exist_ok=True)
        text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
        (DATA / "answers" / f"{case}.{format_}").write_text(text)
    assert found == answer(case, format_)
