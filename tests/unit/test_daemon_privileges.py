"""Capabilities: what is missing, what is given up. Bits are those of capabilities(7)."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from vigie.runtime.daemon import privileges

ALL = (1 << 41) - 1
BPF, PERFMON, PTRACE, RESOURCE, ADMIN, READ, OVERRIDE = 1 << 39, 1 << 38, 1 << 19, 1 << 24, 1 << 21, 1 << 2, 1 << 1


def test_root_misses_nothing() -> None:
    assert privileges.missing(ALL) == []


def test_the_least_set() -> None:
    (line,) = privileges.missing(BPF | PERFMON | PTRACE | RESOURCE)
    assert line.startswith("without CAP_DAC_READ_SEARCH: ")


def test_old_kernels_have_one_capability_for_all() -> None:
    assert privileges.missing(ADMIN | PTRACE | RESOURCE | OVERRIDE) == []


def test_nobody_misses_everything() -> None:
    assert [line.split(":")[0] for line in privileges.missing(0)] == [
        "without CAP_BPF",
        "without CAP_PERFMON",
        "without CAP_SYS_PTRACE",
        "without CAP_DAC_READ_SEARCH",
    ]


def test_what_is_kept() -> None:
    kept = privileges.kept(ALL)
    for capability in (BPF, PERFMON, PTRACE, RESOURCE, READ, OVERRIDE):
        assert kept & capability
    assert not kept & ADMIN
    assert not kept & 1 << 16, "CAP_SYS_MODULE"
    assert not kept & 1 << 12, "CAP_NET_ADMIN"
    assert privileges.kept(ADMIN | PTRACE) == ADMIN | PTRACE, "without CAP_BPF it is what the probe needs"
    assert "CAP_SYS_ADMIN" in privileges.given_up(ALL)
    assert "CAP_BPF" not in privileges.given_up(ALL)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has something to give up")
def test_it_is_really_given_up_also_in_threads_to_come() -> None:
    program = """
import threading
from vigie.runtime.daemon import privileges
before = privileges.held()
print(privileges.drop(), privileges.drop())
masks = []
def look():
    text = open("/proc/thread-self/status").read()
    masks.append(int(text.split("CapEff:")[1].split()[0], 16))
look()
thread = threading.Thread(target=look)
thread.start()
thread.join()
print(masks == [privileges.kept(before)] * 2, before != masks[0])
open("/etc/shadow").read()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout.split(), done.stderr) == (["True", "False", "True", "True"], "")
