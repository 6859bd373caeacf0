"""Whole scans with the program as people run it: real registries, archives, folders and repositories."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from builders.image import Image, archive, digest, index, layout_files, write
from builders.sample_image import (
    BASE,
    FOUND,
    HISTORY,
    IMAGE,
    LIBRARIES,
    NEW,
    NODE,
    OLD,
    PYTHON,
    STATUS,
    SYSTEM,
    status,
    wheel,
)
from program import Program, findings
from servers import docker_registry, fake_registry
from servers.docker_registry import COPY, PROGRAMS, run

MISSING = [name for name in PROGRAMS if shutil.which(name) is None]
real = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
pytestmark = pytest.mark.integration

ARM = Image({**SYSTEM, STATUS: status(zlib="1:1.2.13.dfsg-1")}, architecture="arm64")
COMMANDS = [
    "ADD file:0a in / ",
    "RUN /bin/sh -c pip install Jinja2==2.4.1 # buildkit",
    "RUN /bin/sh -c npm install lodash && gem install rack # buildkit",
]


def results(report: dict[str, Any], *, digests: bool = True) -> list[dict[str, Any]]:
    """The results without the artifact's name and what is made of it; digests: False where a source has none of
    compressed layers, so that these, and identities made of them, are left out too."""
    found: list[dict[str, Any]] = copy.deepcopy(report["Results"])
    for result in found:
        result["Target"] = result["Target"].removeprefix(report["ArtifactName"])
        for entry in [*result.get("Packages", []), *result.get("Vulnerabilities", [])]:
            entry.pop("Fingerprint", None)
            if not digests:
                entry.get("Layer", {}).pop("Digest", None)
                entry.get("Identifier", entry.get("PkgIdentifier", {})).pop("UID", None)
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The image as an OCI layout."""
    folder = tmp_path_factory.mktemp("layout")
    inner = index(
        IMAGE.descriptor(platform={"os": "linux", "architecture": "amd64"}),
        ARM.descriptor(platform={"os": "linux", "architecture": "arm64"}),
    )
    name = {"org.opencontainers.image.ref.name": "v1"}
    both = {"mediaType": "application/vnd.oci.image.index.v1+json", "digest": digest(inner), "size": len(inner)}
    both["annotations"] = {"org.opencontainers.image.ref.name": "both"}
    outer = index(IMAGE.descriptor(annotations=name), both)
    return write(folder, layout_files(outer, IMAGE, ARM, more={digest(inner): inner}))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, made: Path) -> Iterator[str]:
    with docker_registry.serving(tmp_path_factory.mktemp("plain")) as host:
        push = (*COPY, "--dest-tls-verify=false")
        run(*push, f"oci:{made}:v1", f"docker://{host}/team/app:1")
        run(*push, "--all", f"oci:{made}:both", f"docker://{host}/team/both:1")
        yield host


@real
def test_an_image_of_a_registry(vigie: Program, plain: str, made: Path) -> None:
    by_tag = vigie.json("image", f"{plain}/team/app:1")
    assert findings(by_tag) == FOUND
    assert by_tag["Metadata"]["OS"] == {"Family": "debian", "Name": "12.4"}
    (name,) = by_tag["Metadata"]["RepoDigests"]
    by_digest = vigie.json("image", name, "--cache-backend", "memory")
    assert results(by_digest) == results(by_tag)
    of_index = vigie.json("image", f"{plain}/team/both:1", "--platform", "linux/amd64", "--cache-backend", "memory")
    assert results(of_index) == results(by_tag)
    arm = vigie.json("image", f"{plain}/team/both:1", "--platform", "linux/arm64")
    assert findings(arm) == {found for found in FOUND if found[1] == "zlib"}
    nothing = vigie.run("image", f"{plain}/team/both:1", "--platform", "linux/s390x")
    assert (nothing.status, nothing.out) == (3, "")
    assert "no image for linux/s390x, only for linux/amd64, linux/arm64" in nothing.err


@real
def test_each_finding_names_its_layer_and_command(vigie: Program, plain: str) -> None:
    report = vigie.json("image", f"{plain}/team/app:1")
    layers = {
        found["PkgName"]: found["Layer"] for result in report["Results"] for found in result.get("Vulnerabilities", [])
    }
    assert layers == {
        package: {
            "Digest": IMAGE.layers[number]["digest"],
            "DiffID": IMAGE.diff_ids[number],
            "CreatedBy": COMMANDS[number],
        }
        for package, number in {"openssl": 0, "zlib": 0, "Jinja2": 1, "lodash": 2, "rack": 2}.items()
    }


@real
def test_the_same_image_gives_the_same_results_from_every_source(
    vigie: Program, plain: str, made: Path, tmp_path: Path
) -> None:
    expected = vigie.json("image", f"{plain}/team/app:1", "--cache-backend", "memory")
    source = (*COPY, "--src-tls-verify=false", f"docker://{plain}/team/app:1")
    run(*source, f"docker-archive:{tmp_path}/docker.tar:app:1")
    run(*source, f"oci-archive:{tmp_path}/oci.tar:v1")
    run(*source, f"oci:{tmp_path}/layout:v1")
    run("gzip", "-k", tmp_path / "docker.tar")
    for target in ("oci.tar", "layout", "layout:v1"):
        report = vigie.json("image", "--input", tmp_path / target, "--cache-backend", "memory")
        assert results(report) == results(expected), target
    for target in ("docker.tar", "docker.tar.gz"):
        report = vigie.json("image", "--input", tmp_path / target, "--cache-backend", "memory")
        assert results(report, digests=False) == results(expected, digests=False), target
    # what one source put into the cache serves the others
    for target in (f"{plain}/team/app:1", "--input=" + str(tmp_path / "docker.tar"), "--input=" + str(made)):
        report = vigie.json("image", target)
        assert results(report, digests=False) == results(expected, digests=False), target


@real
def test_tls_and_passwords(vigie: Program, made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "registry"
    folder.mkdir()
    with docker_registry.guarded(folder) as (host, ca):
        target = f"{host}/team/app:1"
        run(*COPY, f"oci:{made}:v1", "--dest-tls-verify=false", "--dest-creds=me:secret", f"docker://{target}")
        user = ("--username", "me", "--password", "secret")
        untrusted = vigie.run("image", target, *user)
        assert untrusted.status == 3
        assert "its certificate is not trusted" in untrusted.err
        assert "--cacert" in untrusted.err
        for given in ((), ("--username", "me", "--password", "wrong")):
            refused = vigie.run("image", target, "--cacert", ca, *given)
            assert refused.status == 3
            assert "denies access to team/app" in refused.err
            assert "secret" not in refused.err
        assert findings(vigie.json("image", target, "--cacert", ca, *user)) == FOUND
        assert findings(vigie.json("image", target, "--insecure", *user)) == FOUND
        piped = subprocess.run(["printf", "secret"], stdout=subprocess.PIPE, check=True).stdout
        login = vigie.start(
            "registry", "login", host, "--cacert", ca, "--username", "me", "--password-stdin", stdin=subprocess.PIPE
        )
        out, err = login.communicate(piped, timeout=60)
        assert login.returncode == 0, err
        assert b"secret" not in out + err
        assert findings(vigie.json("image", target, "--cacert", ca)) == FOUND
        assert vigie.run("registry", "logout", host).status == 0
        assert vigie.run("image", target, "--cacert", ca).status == 3


def test_an_upgrade_takes_its_findings_away(vigie: Program, tmp_path: Path) -> None:
    upgrade = {STATUS: status(bash="5.2.15-2", openssl=NEW, zlib="1:1.2.13.dfsg-1")}
    history = [*HISTORY, {"created_by": "RUN /bin/sh -c apt-get upgrade # buildkit", "comment": "buildkit"}]
    image = Image(BASE, PYTHON, LIBRARIES, upgrade, history=history)
    report = vigie.json("image", "--input", archive(tmp_path / "new.tar", image))
    assert findings(report) == {found for found in FOUND if found[1] != "openssl"}
    (system,) = (result for result in report["Results"] if result["Class"] == "os-pkgs")
    # what did not change keeps the layer that brought it
    assert {package["Name"]: package["Layer"]["DiffID"] for package in system["Packages"]} == {
        "bash": image.diff_ids[0],
        "openssl": image.diff_ids[3],
        "zlib": image.diff_ids[0],
    }


def test_what_a_whiteout_deletes_is_gone(vigie: Program, tmp_path: Path) -> None:
    folder, name = next(iter(PYTHON)).rsplit("/", 2)[0], next(iter(PYTHON)).rsplit("/", 2)[1]
    gone = {f"{folder}/.wh.{name}": b"", "srv/node_modules/.wh..wh..opq": b""}
    image = Image(BASE, PYTHON, LIBRARIES, gone)
    report = vigie.json("image", "--input", archive(tmp_path / "less.tar", image))
    assert {found[1] for found in findings(report)} == {"openssl", "zlib", "rack"}
    # a later layer may bring it back
    again = Image(BASE, PYTHON, LIBRARIES, gone, PYTHON)
    report = vigie.json("image", "--input", archive(tmp_path / "again.tar", again))
    assert {found[1] for found in findings(report)} == {"openssl", "zlib", "rack", "Jinja2"}


def test_a_second_scan_downloads_no_layer(vigie: Program) -> None:
    with fake_registry.running() as registry:
        registry.add("team/app", "1", IMAGE)
        target = f"{registry.host}/team/app:1"
        first = vigie.json("image", target)
        assert [len(registry.asked(layer["digest"])) for layer in IMAGE.layers] == [1, 1, 1]
        registry.requests.clear()
        second = vigie.json("image", target)
        assert [len(registry.asked(layer["digest"])) for layer in IMAGE.layers] == [0, 0, 0]
        assert second["Results"] == first["Results"]
        assert second["Metadata"] == first["Metadata"]
        # an image that shares two layers asks for the third alone
        other = Image(BASE, PYTHON, {NODE: b'{"name": "lodash", "version": "4.17.21"}'})
        registry.add("team/app", "2", other)
        registry.requests.clear()
        assert {found[1] for found in findings(vigie.json("image", f"{registry.host}/team/app:2"))} == {
            "openssl",
            "zlib",
            "Jinja2",
        }
        assert [len(registry.asked(layer["digest"])) for layer in other.layers] == [0, 0, 1]
        # what is left out changes what is read, so the cache must not answer
        registry.requests.clear()
        report = vigie.json("image", target, "--skip-dirs", "srv")
        assert "lodash" not in {found[1] for found in findings(report)}
        assert len(registry.asked(IMAGE.layers[2]["digest"])) == 1


LOCKS = {
    "requirements.txt": b"Jinja2==2.4.1\n",
    "web/package-lock.json": json.dumps(
        {
            "name": "web",
            "lockfileVersion": 3,
            "packages": {
                "": {"name": "web", "dependencies": {"lodash": "4"}},
                "node_modules/lodash": {"version": "4.17.4"},
            },
        }
    ).encode(),
    "Cargo.lock": b'version = 3\n\n[[package]]\nname = "smallvec"\nversion = "1.6.0"\n',
    "Gemfile.lock": b"GEM\n  specs:\n    rack (2.0.1)\n\nDEPENDENCIES\n  rack\n",
}


def test_a_project_in_a_folder(vigie: Program, tmp_path: Path) -> None:
    folder = write(tmp_path / "project", LOCKS)
    report = vigie.json("fs", folder)
    assert {result["Target"] for result in report["Results"]} == set(LOCKS)
    assert {found[0] for found in findings(report)} == {
        "CVE-2099-2001",
        "CVE-2099-2002",
        "CVE-2099-3001",
        "CVE-2099-4001",
        "CVE-2099-5001",
    }
    # the same from inside, and by a single file
    assert results(vigie.json("fs", ".", cwd=folder)) == results(report)
    assert {found[1] for found in findings(vigie.json("fs", folder / "Cargo.lock"))} == {"smallvec"}


def test_a_root_file_system(vigie: Program, tmp_path: Path) -> None:
    report = vigie.json("rootfs", write(tmp_path / "root", {**BASE, **PYTHON, **LIBRARIES}))
    assert findings(report) == FOUND
    assert {result["Class"] for result in report["Results"]} == {"os-pkgs", "lang-pkgs"}


@pytest.mark.skipif(shutil.which("git") is None, reason="not installed: git")
def test_a_repository_at_each_revision(vigie: Program, tmp_path: Path) -> None:
    folder = tmp_path / "repository"
    people = {f"GIT_{role}_{key}": "a@example.org" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}

    def git(*arguments: str) -> str:
        return run("git", "-C", folder, *arguments, env=vigie.environment | people).strip()

    write(folder, {"Cargo.lock": LOCKS["Cargo.lock"]})
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-q", "-m", "First")
    git("tag", "v1")
    first = git("rev-parse", "HEAD")
    write(folder, {"Cargo.lock": LOCKS["Cargo.lock"].replace(b"1.6.0", b"1.6.1")})
    git("commit", "-q", "-a", "-m", "Second")
    git("checkout", "-q", "-b", "more")
    write(folder, {"requirements.txt": LOCKS["requirements.txt"]})
    git("add", ".")
    git("commit", "-q", "-m", "Third")
    git("checkout", "-q", "main")
    url = folder.as_uri()
    vulnerable, more = {"smallvec"}, {"Jinja2"}
    for options, expected in (
        ((), set()),
        (("--branch", "more"), more),
        (("--tag", "v1"), vulnerable),
        (("--commit", first), vulnerable),
        (("--branch", "main"), set()),
    ):
        for target in (url, str(folder)):
            report = vigie.json("repo", target, *options)
            assert {found[1] for found in findings(report)} == expected, (target, options)
    assert vigie.json("repo", url, "--tag", "v1")["Metadata"]["Commit"] == first
    absent = vigie.run("repo", url, "--branch", "none")
    assert absent.status == 3
    assert "no branch or tag of this name" in absent.err
    assert git("rev-parse", "--abbrev-ref", "HEAD") == "main"


def test_accepted_findings(vigie: Program, tmp_path: Path) -> None:
    target = archive(tmp_path / "app.tar", IMAGE)
    (vigie.work / ".trivyignore").write_text("# looked at\nCVE-2099-1001\nCVE-2099-2002 exp:2000-01-01\n")
    report = vigie.json("image", "--input", target)
    assert findings(report) == {found for found in FOUND if found[0] != "CVE-2099-1001"}
    table = vigie.run("image", "--input", target, "--show-suppressed")
    assert table.status == 0
    assert "Accepted" in table.out


def test_exit_statuses(vigie: Program, tmp_path: Path) -> None:
    vulnerable = archive(tmp_path / "app.tar", IMAGE)
    sound = archive(tmp_path / "sound.tar", Image({**SYSTEM, STATUS: status(bash="5.2.15-2")}))
    wheezy = {"etc/os-release": b'ID=debian\nVERSION_ID="7"\n', "etc/debian_version": b"7.11\n"}
    old = archive(tmp_path / "old.tar", Image({**wheezy, STATUS: status(bash="4.2+dfsg-0.1")}))
    for target, options, expected in (
        (vulnerable, (), 0),
        (vulnerable, ("--exit-code", "7"), 7),
        (sound, ("--exit-code", "7"), 0),
        (vulnerable, ("--exit-code", "7", "--ignore-unfixed", "--pkg-types", "os", "--severity", "CRITICAL"), 0),
        (old, ("--exit-on-eol", "9"), 9),
        (old, ("--exit-code", "7"), 0),
        (sound, ("--exit-on-eol", "9"), 0),
    ):
        ended = vigie.run("image", "--input", target, *options)
        assert ended.status == expected, (target.name, options, ended.err)
    assert "debian 7.11 is out of support" in vigie.run("image", "--input", old).out
    assert vigie.run("image", "--input", tmp_path / "none.tar").status == 3
    assert vigie.run("image").status == 2


def test_several_outputs_of_one_scan(vigie: Program, tmp_path: Path) -> None:
    target = archive(tmp_path / "app.tar", IMAGE)
    one, two = tmp_path / "a report.json", tmp_path / "report.txt"
    ended = vigie.run("image", "--input", target, "-f", "json", "-o", one, "-f", "table", "-o", two, "-f", "table")
    assert (ended.status, ended.err) == (0, "")
    assert findings(json.loads(one.read_text())) == FOUND
    assert ended.out == two.read_text()
    assert all(found[0] in ended.out for found in FOUND)


def test_the_library_answers_as_the_program_does(
    vigie: Program, tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    import vigie as library
    from vigie.formats.json import writer
    from vigie.scanner.advice import advise
    from vigie.scanner.writer import View
    from vigie.settings.groups import CacheOptions, DatabaseOptions, ImageOptions, Options

    target = str(archive(tmp_path / "app.tar", IMAGE))
    by_program = vigie.json("image", "--input", target)
    options = Options(
        image=ImageOptions(input=target),
        database=DatabaseOptions(database=str(database)),
        cache=CacheOptions(backend="memory"),
    )
    report = library.scan(kind="image", options=options)
    from datetime import date

    from vigie.cli.output import orders

    out = io.StringIO()
    view = View(options.report, advise(report, orders(report)), date(2026, 1, 1), 100, False, lambda name: "")
    writer.write(report, view, out)
    by_library = json.loads(out.getvalue())
    for changing in ("ReportID", "CreatedAt"):
        by_program.pop(changing)
        by_library.pop(changing)
    assert by_library == by_program
    assert {(f.id, f.package.name, f.installed) for f in report.findings} == FOUND


def test_what_is_in_the_shipped_database(tmp_path: Path) -> None:
    """Facts that no database of ours may lose."""
    from vigie.vulnerabilities.database.snapshot import SNAPSHOT

    if not SNAPSHOT.is_file():
        pytest.skip("no database is shipped with this build")
    person = Program(tmp_path / "person")
    report = person.json("image", "--input", archive(tmp_path / "app.tar", IMAGE))
    assert findings(report) >= {
        ("CVE-2023-5363", "openssl", OLD),
        ("CVE-2014-1402", "Jinja2", "2.4.1"),
        ("CVE-2019-10744", "lodash", "4.17.4"),
        ("CVE-2018-16471", "rack", "2.0.1"),
    }
    new = Image(
        {**SYSTEM, STATUS: status(openssl="3.0.11-1~deb12u2")},
        wheel("Jinja2", "3.1.2"),
        {NODE: b'{"name": "lodash", "version": "4.17.21"}'},
    )
    upgraded = {found[0] for found in findings(person.json("image", "--input", archive(tmp_path / "new.tar", new)))}
    assert upgraded.isdisjoint({"CVE-2023-5363", "CVE-2014-1402", "CVE-2019-10744", "CVE-2018-16471"})
