"""Secrets with the whole program: images of all kinds, folders, standard input, and the exit statuses."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import tarfile
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest

from builders.hostile import END, header, image_of, zeros
from builders.image import Image, archive, layout, member
from builders.sample_image import SYSTEM
from program import Program, wait
from servers import docker_registry
from servers.docker_registry import COPY, PROGRAMS, run
from vigie.secrets.examples import fill

pytestmark = pytest.mark.integration
real = pytest.mark.skipif(
    any(shutil.which(name) is None for name in PROGRAMS), reason=f"not installed: {', '.join(PROGRAMS)}"
)
FIRST, SECOND, THIRD, FOURTH = (fill("${github:ghp_}", seed) for seed in ("one", "two", "three", "four"))
LAYERS = (
    {**SYSTEM, "app/.env": f"TOKEN={FIRST}\n".encode(), "app/main.py": b"print('hello')\n"},
    {"app/.wh..env": b"", "srv/config.yml": f"a: b\ntoken: {SECOND}\n".encode()},
    {"srv/config.yml": f"token: {SECOND}\nother: {THIRD}\n".encode()},
)
HISTORY = [
    {"created_by": "ADD file:0a in /"},
    {"created_by": f"RUN rm /app/.env && login {FOURTH}", "comment": "buildkit"},
    {"created_by": "ENV x", "empty_layer": True},
    {"created_by": "COPY config.yml /srv/"},
]
IMAGE = Image(*LAYERS, history=HISTORY, config={"Env": [f"GITHUB_TOKEN={FOURTH}"], "Labels": {"a": "b"}})
FOUND = [
    ("/app/.env", 1, "ADD file:0a in /", "RUN rm /app/.env && login " + "*" * 40),
    ("/srv/config.yml", 2, "RUN rm /app/.env && login " + "*" * 40, ""),
    ("/srv/config.yml", 2, "COPY config.yml /srv/", ""),
]
SECRETS = ("--scanners", "secret")


def secrets(report: dict[str, Any]) -> list[tuple[str, int, str, str]]:
    """Target, line, the command of the layer, and of the one that deletes the file."""
    return [
        (
            result["Target"],
            one["StartLine"],
            one.get("Layer", {}).get("CreatedBy", ""),
            one.get("DeletedBy", {}).get("CreatedBy", ""),
        )
        for result in report.get("Results", [])
        for one in result.get("Secrets", [])
    ]


def masked(ended: Any) -> None:
    for value in (FIRST, SECOND, THIRD, FOURTH):
        assert value not in ended.out and value not in ended.err


def test_every_layer_of_an_image(vigie: Program, tmp_path: Path) -> None:
    saved = archive(tmp_path / "image.tar", IMAGE)
    for _ in range(2):  # read, and from the cache
        ended = vigie.run("image", "--input", saved, *SECRETS, "-f", "json")
        assert (ended.status, secrets(ended.report)) == (0, FOUND)
        masked(ended)
    of_layout = vigie.json(
        "image", "--input", layout(tmp_path / "layout", IMAGE), *SECRETS, "--cache-backend", "memory"
    )
    assert secrets(of_layout) == FOUND
    table = vigie.run("image", "--input", saved, *SECRETS)
    assert "/app/.env" in table.out and "deleted" in table.out
    masked(table)


@real
def test_an_image_of_a_registry(vigie: Program, tmp_path: Path) -> None:
    made = layout(tmp_path / "layout", IMAGE)
    (tmp_path / "registry").mkdir()
    with docker_registry.serving(tmp_path / "registry") as host:
        run(*COPY, "--dest-tls-verify=false", f"oci:{made}:v1", f"docker://{host}/team/app:1")
        ended = vigie.run("image", f"{host}/team/app:1", *SECRETS, "-f", "json")
    assert secrets(ended.report) == FOUND
    masked(ended)


def test_the_configuration_of_an_image(vigie: Program, tmp_path: Path) -> None:
    saved = archive(tmp_path / "image.tar", IMAGE)
    alone = vigie.run(
        "image", "--input", saved, "--scanners", "vuln", "--image-config-scanners", "secret", "-f", "json"
    )
    (result,) = (one for one in alone.report["Results"] if one["Class"] == "secret")
    assert result["Target"] == str(saved)  # as the peer names it
    assert [one["RuleID"] for one in result["Secrets"]] == ["github-pat", "github-pat"]
    masked(alone)
    # The report shows the configuration, asked for or not.
    plain = vigie.run("image", "--input", saved, *SECRETS, "-f", "json")
    assert "GITHUB_TOKEN=" + "*" * 40 in plain.report["Metadata"]["ImageConfig"]["config"]["Env"]
    masked(plain)


def test_a_folder(vigie: Program) -> None:
    (vigie.work / "a.env").write_text(f"TOKEN={FIRST}\n")
    (vigie.work / "tests").mkdir()
    (vigie.work / "tests/b.env").write_text(f"TOKEN={SECOND}\n")
    (vigie.work / "go.sum").write_text(f"TOKEN={SECOND}\n")
    for command in (("fs", *SECRETS), ("secret",), ("rootfs", *SECRETS), ("repo", *SECRETS)):
        report = vigie.json(*command, ".")
        assert [one[:2] for one in secrets(report)] == [("a.env", 1)], command
    shown = vigie.json("secret", ".", "--show-suppressed")
    suppressed = [one for result in shown["Results"] for one in result.get("ExperimentalModifiedFindings", [])]
    assert [(one["Type"], one["Status"], one["Statement"], one["Finding"]["RuleID"]) for one in suppressed] == [
        ("secret", "ignored", "tests: files of tests often hold made-up credentials", "github-pat")
    ]
    assert [one[0] for one in secrets(shown)] == ["a.env"]
    assert {one[0] for one in secrets(vigie.json("secret", ".", "--secret-all-paths"))} == {
        "a.env",
        "go.sum",
        "tests/b.env",
    }
    single = vigie.json("secret", "a.env")
    assert [one[:2] for one in secrets(single)] == [("a.env", 1)]


def test_ignore_files(vigie: Program) -> None:
    (vigie.work / "a.env").write_text(f"TOKEN={FIRST}\n")
    (vigie.work / ".trivyignore").write_text("github-pat\n")
    ended = vigie.run("secret", ".", "--exit-code", "5")
    assert ended.status == 0
    (vigie.work / ".trivyignore").write_text("github-oauth\n")
    assert vigie.run("secret", ".", "--exit-code", "5").status == 5


def test_standard_input(vigie: Program, tmp_path: Path) -> None:
    def given(content: bytes, *arguments: str) -> Any:
        process = vigie.start("secret", "-", *arguments, stdin=subprocess.PIPE)
        writer = threading.Thread(target=lambda: (process.stdin.write(content), process.stdin.close()))  # type: ignore[union-attr]
        writer.start()
        ended = wait(process)
        writer.join()
        masked(ended)
        return ended

    ended = given(f"a\r\nTOKEN={FIRST}\r\n".encode(), "-f", "json")
    assert ended.report["ArtifactName"] == "stdin"
    assert secrets(ended.report) == [("stdin", 2, "", "")]
    many = b"x" * 79 + b"\n"
    ended = given(many * 100_000 + f"TOKEN={FIRST}\n".encode() + many * 100_000, "-f", "json", "--exit-code", "4")
    assert (ended.status, secrets(ended.report)) == (4, [("stdin", 100_001, "", "")])
    assert given(b"nothing here\n", "--exit-code", "4").status == 0
    assert given(b"", "--exit-code", "4").status == 0
    file = tmp_path / "x"
    file.write_text(f"TOKEN={FIRST}\n")
    with file.open("rb") as stdin:
        assert wait(vigie.start("secret", "-", "--exit-code", "4", stdin=stdin)).status == 4
    # Only this command reads it; elsewhere it is the name of a file.
    other = vigie.run("fs", "-", *SECRETS)
    assert (other.status, "-: no such file or folder" in other.err) == (3, True)


def test_standard_input_may_be_a_socket(vigie: Program) -> None:
    ours, theirs = socket.socketpair()
    process = vigie.start("secret", "-", "--exit-code", "4", stdin=theirs)
    theirs.close()
    ours.sendall(f"TOKEN={FIRST}\n".encode())
    ours.close()
    assert wait(process).status == 4


def test_standard_input_that_never_ends(vigie: Program) -> None:
    process = vigie.start("secret", "-", "--timeout", "1s", stdin=subprocess.PIPE)
    ended = wait(process, timeout=20)
    assert (ended.status, "the scan took longer than allowed" in ended.err) == (3, True)
    process.stdin.close()  # type: ignore[union-attr]


def test_exit_statuses(vigie: Program) -> None:
    (vigie.work / "a.env").write_text(f"TOKEN={FIRST}\n")
    assert vigie.run("secret", ".").status == 0
    assert vigie.run("secret", ".", "--exit-code", "7").status == 7
    assert vigie.run("secret", ".", "--exit-code", "7", "--min-confidence", "high").status == 7
    assert vigie.run("secret", ".", "--exit-code", "7", "--severity", "LOW").status == 0
    assert vigie.run("secret", "absent").status == 3
    assert vigie.run("secret").status == 2
    assert vigie.run("secret", ".", "--min-confidence", "sure").status == 2
    assert vigie.run("secret", ".", "--secret-config", "absent.yaml").status == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="files are made unreadable for another user")
def test_files_that_cannot_be_read_are_named(vigie: Program) -> None:
    (vigie.work / "a.env").write_text(f"TOKEN={FIRST}\n")
    hidden = vigie.work / "hidden.env"
    hidden.write_text(f"TOKEN={SECOND}\n")
    hidden.chmod(0)
    (vigie.work / "cloned" / ".git").mkdir(parents=True)
    (vigie.work / "cloned" / ".git" / "config").touch(mode=0)
    os.mkfifo(vigie.work / "pipe.env")
    (vigie.work / "loop").symlink_to(".")
    other = ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all")
    ended = vigie.run("secret", ".", "-f", "json", prefix=other)
    if ended.status != 0:
        pytest.skip(f"capabilities cannot be given up here: {ended.err[:200]}")
    assert [one[0] for one in secrets(ended.report)] == ["a.env"]
    assert sorted(one["Where"] for one in ended.report["Problems"]) == ["cloned/.git/config", "hidden.env"]
    assert vigie.run("secret", ".", "--strict", prefix=other).status == 3
    assert vigie.run("secret", ".", "--strict", "--exit-code", "7", prefix=other).status == 7


def test_hostile_files(vigie: Program) -> None:
    (vigie.work / "line").write_bytes(b"a" * 30_000_000 + f" TOKEN={FIRST} ".encode() + b"b" * 3_000_000)
    many = "".join(f"TOKEN{number}={FIRST}\n" for number in range(3_000))
    (vigie.work / "many").write_text(many)
    (vigie.work / "name\nwith\x1b[31mescape").write_text(f"TOKEN={FIRST}\n")
    os.truncate(os.open(vigie.work / "sparse", os.O_CREAT | os.O_RDWR), 3 << 30)
    ended = vigie.run("secret", ".", "-f", "json", timeout=120)
    assert ended.status == 0
    counts = {result["Target"]: len(result["Secrets"]) for result in ended.report["Results"]}
    assert counts["line"] == 1 and counts["many"] == 3_000 and len(counts) == 3
    assert len(ended.out) < 20_000_000 and ended.peak < 300
    masked(ended)
    table = vigie.run("secret", ".", timeout=120)
    assert "\x1b[31m" not in table.out and table.status == 0


def test_a_layer_that_is_nothing_but_large(vigie: Program, tmp_path: Path) -> None:
    name, count = "app/zeros", 1
    raw = hashlib.sha256(header(name, count << 30))
    for _ in range(count << 10):
        raw.update(bytes(1 << 20))
    raw.update(END)
    image = Image(LAYERS[0], compress=False)
    bomb = image_of(*image.stored, zeros(count, name), diff_ids=[*image.diff_ids, f"sha256:{raw.hexdigest()}"])
    ended = vigie.run("image", "--input", archive(tmp_path / "i.tar", bomb), *SECRETS, "-f", "json", timeout=120)
    assert [one[0] for one in secrets(ended.report)] == ["/app/.env"]
    assert ended.peak < 300


def test_links_and_devices_in_layers_are_no_files(vigie: Program, tmp_path: Path) -> None:
    odd = Image(LAYERS[0], compress=False)
    odd.stored = [
        b"".join(
            part.tobuf()
            for part in (
                member("etc/link", tarfile.SYMTYPE, "/proc/self/environ"),
                member("etc/hard", tarfile.LNKTYPE, "../../etc/shadow"),
                member("dev/pipe", tarfile.FIFOTYPE),
                member("dev/zero", tarfile.CHRTYPE),
            )
        )
        + odd.stored[0]
    ]
    ended = vigie.run("image", "--input", archive(tmp_path / "i.tar", image_of(*odd.stored)), *SECRETS, "-f", "json")
    assert [one[0] for one in secrets(ended.report)] == ["/app/.env"]


def test_archives_and_binary_files_when_they_are_asked_for(vigie: Program, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "backup.zip", "w") as archived:
        archived.writestr("conf/.env", f"TOKEN={FIRST}\n")
    (tmp_path / "image.bin").write_bytes(bytes(64) + f"token={SECOND}".encode() + bytes(64))
    found = {flags: secrets(vigie.json("secret", tmp_path, *flags)) for flags in ((), ("--secret-archives", "1"))}
    assert found == {(): [], ("--secret-archives", "1"): [("backup.zip!conf/.env", 1, "", "")]}
    assert secrets(vigie.json("secret", tmp_path, "--secret-binaries")) == [("image.bin", 1, "", "")]
