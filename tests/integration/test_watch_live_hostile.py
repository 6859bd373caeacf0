"""Programs that do what watchers stumble over, while the kernel is watched."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from live import Live, marked, watching, why_not

pytestmark = [pytest.mark.integration, pytest.mark.skipif(bool(why_not()), reason=why_not())]

SOURCE = Path(__file__).parent.parent / "data" / "live" / "odd.c"
CANNOT = 77
"""How a program ends when what it needs is not there."""
BEYOND = ""
"""The name of a descriptor beyond the 4,096 that are remembered of a process."""
RULES = """
- rule: opened
  desc: d
  condition: evt.type in (open, openat, openat2, creat) and evt.arg.name startswith {work}
  output: &said >
    %evt.type %evt.res %proc.name %proc.pname %proc.exe %proc.exepath %proc.args %fd.name %fd.nameraw %fd.num %user.name
    %user.uid %proc.vpid %evt.arg.flags %proc.pid %fd.ino
  priority: NOTICE
- rule: opened below another root
  desc: d
  condition: evt.type in (open, openat) and evt.arg.name = /inside
  output: *said
  priority: NOTICE
- rule: sensitive
  desc: d
  condition: evt.type in (open, openat) and fd.name = /etc/shadow and proc.env[VIGIE_TEST] exists
  output: *said
  priority: NOTICE
- rule: changed
  desc: d
  condition: evt.type = fchmod and proc.env[VIGIE_TEST] exists
  output: *said
  priority: NOTICE
- rule: executed
  desc: d
  condition: evt.type in (execve, execveat) and evt.rawres = 0 and proc.env[VIGIE_TEST] exists
  output: *said
  priority: NOTICE
- rule: ended
  desc: d
  condition: evt.type = procexit and proc.env[VIGIE_TEST] exists
  output: "%evt.type %proc.name %evt.arg.sig %evt.arg.ret %evt.arg.status %proc.pid %thread.tid"
  priority: NOTICE
"""


class Host:
    """A watch, programs to run beside it, and a process that had many descriptors before it began."""

    def __init__(self, live: Live, work: Path, holder: subprocess.Popen[bytes], held: int) -> None:
        self.live, self.work, self.holder, self.held = live, work, holder, held
        self._count = 0

    def run(self, *command: str | Path, status: int = 0, **more: Any) -> tuple[str, list[dict[str, Any]]]:
        """Runs a program to its end; what it printed, and what was told of it and its children, each with its rule."""
        self._count += 1
        mark = f"t{self._count}"
        with marked(mark) as environment:
            how: dict[str, Any] = {"capture_output": True, "timeout": 60, "env": environment}
            ended = subprocess.run([str(word) for word in command], check=False, **(how | more))
        if ended.returncode == CANNOT:
            pytest.skip("the kernel does not offer this")
        assert ended.returncode == status, ended.stderr
        self.live.settle()
        told = [{"rule": alert["rule"], **alert["output_fields"]} for alert in self.live.own(mark)]
        return ended.stdout.decode(), told

    def threads(self) -> float:
        return self.live.metrics()["falco_n_threads"]

    def odd(self, *words: str | Path, **more: Any) -> tuple[str, list[dict[str, Any]]]:
        return self.run(self.work / "odd", *words, **more)


def only(told: list[dict[str, Any]], rule: str) -> dict[str, Any]:
    """The one alert of a rule."""
    (found,) = of(told, rule)
    return found


def of(told: list[dict[str, Any]], rule: str) -> list[dict[str, Any]]:
    return [alert for alert in told if alert["rule"] == rule]


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    if shutil.which("cc") is None:
        pytest.skip("not installed: cc")
    with tempfile.TemporaryDirectory(prefix="vh-", dir="/tmp") as folder:
        work = Path(folder)
        work.chmod(0o755)
        subprocess.run(["cc", "-O1", "-pthread", "-o", work / "odd", SOURCE], check=True)
        quick = work / "quick.c"
        ends = {"x86_64": "mov $60,%eax; xor %edi,%edi; syscall", "aarch64": "mov x8,#93; mov x0,#0; svc #0"}
        quick.write_text(f'void _start(void) {{ __asm__ volatile("{ends[os.uname().machine]}"); }}\n')
        subprocess.run(["cc", "-nostdlib", "-static", "-o", work / "quick", quick], check=True)
        rules = work / "rules.yaml"
        rules.write_text(RULES.replace("{work}", folder))
        with marked("holder") as environment:
            holder = subprocess.Popen(
                [
                    "sh",
                    "-c",
                    'ulimit -n "$(ulimit -Hn)"; exec "$0" hold 20000 "$1" "$2"',
                    *(work / name for name in ("odd", "low", "high")),
                ],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        try:
            assert holder.stdout is not None
            held = int(holder.stdout.readline() or b"-1")
            live = watching(
                tmp_path_factory.mktemp("live"),
                *("-r", rules),
                rule_matching="all",
            )
            with live as watch:
                yield Host(watch, work, holder, held)
                ended = watch.end()
                assert ended.status == 0
                assert "Traceback" not in ended.err
        finally:
            holder.communicate(timeout=10)


def test_descriptors_of_a_process_that_held_thousands_before(host: Host) -> None:
    if host.held < 0:
        pytest.skip("the limit of descriptors is lower here")
    assert host.held > 15_000
    assert host.holder.stdin is not None
    host.holder.stdin.write(b"\n")
    host.holder.stdin.flush()
    first, last = host.live.until(lambda: (told := host.live.own("holder"))[1:] and told)
    assert (first["output_fields"]["fd.name"], first["output_fields"]["fd.num"]) == (str(host.work / "low"), 3)
    assert (last["output_fields"]["fd.name"], last["output_fields"]["fd.num"]) == (BEYOND, host.held)


def test_thousands_of_descriptors_are_opened(host: Host) -> None:
    low, high = host.work / "low2", host.work / "high2"
    shell = f"ulimit -n $(ulimit -Hn); echo | {host.work}/odd hold 12000 {low} {high}"
    _, told = host.run("sh", "-c", shell)
    assert [alert["fd.name"] for alert in of(told, "opened")] == [str(low), str(high)]
    first, last = of(told, "changed")
    assert (first["fd.name"], first["fd.num"]) == (str(low), 3)
    # How full the table is depends on how many of the others were told of.
    assert (last["fd.name"], last["fd.num"]) in ((BEYOND, 11999), (str(high), 11999))


def test_a_storm_of_processes(host: Host) -> None:
    count = 5000
    lost, threads = host.live.lost(), host.threads()
    _, told = host.odd("storm", str(count), host.work / "quick")
    executed = [alert for alert in of(told, "executed") if alert["proc.name"] == "quick"]
    ended = [alert for alert in of(told, "ended") if alert["proc.name"] == "quick"]
    assert len(executed) <= count
    assert len(ended) <= count
    host.live.until(lambda: min(len(executed), len(ended)) >= count - (host.live.lost() - lost))
    assert all(alert["proc.pname"] == "odd" and alert["proc.exepath"] == f"{host.work}/quick" for alert in executed)
    host.live.until(lambda: host.threads() < threads + 500)


def test_a_number_is_used_again(host: Host) -> None:
    _, told = host.odd("reuse", SOURCE, "/bin/cat", host.work / "again")
    first = next(alert for alert in of(told, "executed") if alert["proc.exepath"].endswith("/cat"))
    second = only(told, "opened")
    assert first["proc.pid"] == second["proc.pid"]
    assert (first["proc.name"], first["proc.exe"]) == ("cat", "first")
    assert (second["proc.name"], second["fd.name"]) == ("odd", f"{host.work}/again")
    assert second["proc.exepath"] == f"{host.work}/odd"


def test_paths_of_four_thousand_bytes(host: Host) -> None:
    folder, name = str(host.work), "n" * 250
    here = os.open(folder, os.O_RDONLY)
    while len(folder) + 251 < 4095 - 2:
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here, folder = below, f"{folder}/{name}"
    last = f"{folder}/{'f' * (4095 - len(folder) - 1)}"
    os.close(os.open(last[len(folder) + 1 :], os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)
    assert len(last) == 4095
    _, told = host.odd("open", last)
    opened = only(told, "opened")
    assert opened["evt.res"] == "SUCCESS"
    assert opened["fd.nameraw"] == last
    assert opened["fd.name"] == "/DIR_TOO_LONG/FILENAME_TOO_LONG", "as with Falco: 1,024 bytes"
    _, told = host.odd("open", f"{last}{'g' * 3000}", status=errno.ENAMETOOLONG)
    refused = only(told, "opened")
    assert refused["evt.res"] == "ENAMETOOLONG"
    shutil.rmtree(host.work / name)


def test_arguments_of_a_megabyte(host: Host) -> None:
    _, told = host.odd("big", host.work / "quick")
    executed = only([alert for alert in told if alert.get("proc.exepath") == f"{host.work}/quick"], "executed")
    assert executed["proc.exe"] == "big"
    arguments = executed["proc.args"]
    assert 3_900 < len(arguments) <= 4096
    assert set(arguments) == {"b"}


def test_a_path_that_changes_under_the_call(host: Host) -> None:
    count = 4000
    folder = host.work / "race"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / name).touch()
    lost = host.live.lost()
    out, told = host.odd("race", folder / "a", str(count))
    opened = of(told, "opened")
    assert len(opened) <= count
    host.live.until(lambda: len(opened) >= count - (host.live.lost() - lost))
    # The text is read at the end of the call, so it may be the other one; the inode is that of the file.
    assert {alert["fd.name"] for alert in opened} <= {f"{folder}/a", f"{folder}/b"}
    inodes = [alert["fd.ino"] for alert in opened]
    if len(opened) == count:
        assert [inodes.count((folder / name).stat().st_ino) for name in ("a", "b")] == [
            int(word) for word in out.split()
        ]


def test_a_program_of_32_bits(host: Host) -> None:
    program = host.work / "small"
    program.write_bytes(elf32("/etc/shadow"))
    program.chmod(0o755)
    try:
        _, told = host.run(program)
    except OSError:
        pytest.skip("the kernel does not run programs of 32 bits")
    opened = only(told, "sensitive")
    assert (opened["evt.type"], opened["proc.name"], opened["fd.name"]) == ("open", "small", "/etc/shadow")
    assert opened["proc.exepath"] == str(program)


def elf32(path: str) -> bytes:
    """A static program for i386: open(path, O_RDONLY), exit(0)."""
    base, size = 0x08048000, 52 + 32
    name = path.encode() + b"\0"
    code = b"\xb8\x05\x00\x00\x00\xbb" + b"%s" + b"\x31\xc9\x31\xd2\xcd\x80\xb8\x01\x00\x00\x00\x31\xdb\xcd\x80"
    text = code.replace(b"%s", struct.pack("<I", base + size + len(code) + 2)) + name
    identity = b"\x7fELF\x01\x01\x01" + bytes(9)
    header = struct.pack("<HHIIIIIHHHHHH", 2, 3, 1, base + size, 52, 0, 0, 52, 32, 1, 0, 0, 0)
    segment = struct.pack("<IIIIIIII", 1, 0, base, base, size + len(text), size + len(text), 5, 0x1000)
    return identity + header + segment + text


def test_killed_by_seccomp(host: Host) -> None:
    _, told = host.odd("killed", host.work / "never", status=-signal.SIGSYS)
    assert of(told, "opened") == []
    ended = only(told, "ended")
    assert (ended["proc.name"], ended["evt.arg.sig"]) == ("odd", "SIGSYS")


def test_what_io_uring_opens_is_not_seen_and_its_descriptor_is_known(host: Host) -> None:
    path = host.work / "uring"
    path.touch()
    _, told = host.odd("uring", path)
    assert of(told, "opened") == []
    assert only(told, "changed")["fd.name"] == str(path)


def test_a_thread_with_a_name_of_its_own(host: Host) -> None:
    _, told = host.odd("renamed", host.work / "by-thread")
    assert only(told, "opened")["proc.name"] == "odd"


def test_clone3(host: Host) -> None:
    _, told = host.odd("clone3", host.work / "by-clone3")
    opened = only(told, "opened")
    assert (opened["proc.name"], opened["proc.pname"]) == ("odd", "odd")


@pytest.mark.parametrize(("word", "path"), [("at", "/usr/bin/env"), ("memory", "memfd:hidden")])
def test_execveat_of_a_descriptor(host: Host, word: str, path: str) -> None:
    program = "/usr/bin/env"
    if Path(program).is_symlink():
        pytest.skip("env is a link here")
    _, told = host.odd(word, program, status=127)
    executed = of(told, "executed")[-1]
    assert (executed["evt.type"], executed["proc.exe"], executed["proc.args"]) == ("execve", "argument-zero", "one")
    assert executed["proc.exepath"] == path


def test_a_script_is_run_by_its_interpreter(host: Host) -> None:
    script = host.work / "script"
    script.write_text(f"#!/bin/sh -e\n: > {host.work}/by-script\n")
    script.chmod(0o755)
    _, told = host.run(script, "word")
    executed, opened = only(told, "executed"), of(told, "opened")[-1]
    assert (executed["proc.name"], executed["proc.exe"]) == ("script", "/bin/sh")
    assert executed["proc.args"] == f"-e {script} word"
    assert executed["proc.exepath"] == os.path.realpath("/bin/sh")
    assert (opened["proc.name"], opened["fd.name"]) == ("script", f"{host.work}/by-script")


def test_another_root(host: Host) -> None:
    jail = host.work / "jail"
    jail.mkdir()
    _, told = host.odd("jail", jail, "/inside")
    assert (jail / "inside").exists()
    opened = only(told, "opened below another root")
    assert opened["fd.name"] == "/inside", "paths are those that the process sees"


def test_a_setuid_program(host: Host) -> None:
    program = host.work / "setuid"
    shutil.copy(host.work / "odd", program)
    program.chmod(0o4755)
    path = host.work / "by-setuid"
    _, told = host.run("setpriv", "--reuid=65534", "--clear-groups", program, "clone3", path)
    opened = only(told, "opened")
    assert (opened["user.uid"], opened["proc.exepath"]) == (0, str(program))
    before = next(alert for alert in of(told, "executed") if alert["proc.exepath"] == str(program))
    assert before["user.uid"] == 0
    program.unlink()


def test_namespaces_of_its_own(host: Host) -> None:
    path = host.work / "by-unshared"
    shell = f"true; : > {path}; exec {host.work}/quick"
    _, told = host.run("unshare", "-Urpf", "--mount-proc", "sh", "-c", shell)
    opened = only(told, "opened")
    assert (opened["proc.name"], opened["proc.vpid"], opened["fd.name"]) == ("sh", 1, str(path))
    assert opened["proc.pname"] == "unshare"
    last = of(told, "executed")[-1]
    assert (last["proc.name"], last["proc.vpid"], last["proc.pid"]) == ("quick", 1, opened["proc.pid"])


def test_processes_that_end_amid_calls_of_their_threads(host: Host) -> None:
    path = host.work / "amid"
    path.touch()
    lost, threads = host.live.lost(), host.threads()
    count = 40
    _, told = host.odd("leaves", path, str(count))
    assert {alert["fd.name"] for alert in of(told, "opened") if alert["evt.res"] == "SUCCESS"} <= {str(path)}
    parent = only(told, "executed")["proc.pid"]
    ended = [alert for alert in of(told, "ended") if alert["proc.pid"] == alert["thread.tid"] != parent]
    assert {alert["evt.arg.ret"] for alert in ended} == {"7"}
    assert len(ended) <= count
    host.live.until(lambda: len(ended) >= count - (host.live.lost() - lost))
    host.live.until(lambda: host.threads() < threads + 100)
