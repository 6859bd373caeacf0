"""The eBPF programs for the other processor, which no machine here runs: they compile, with their CO-RE records."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).resolve().parents[2] / "crates" / "probe" / "bpf"
FLAGS = ("-target", "bpfel-freestanding-none", "-mcpu=v3", "-O2", "-g", "-fno-asynchronous-unwind-tables", "-Wall")


@pytest.mark.parametrize("target", ["X86", "ARM64"])
@pytest.mark.parametrize("program", sorted(path.name for path in PROGRAMS.glob("*.bpf.c")))
def test_programs_compile_for_both_processors(program: str, target: str, tmp_path: Path) -> None:
    made = tmp_path / "program.o"
    command = [sys.executable, "-m", "ziglang", "cc", *FLAGS, "-Wno-unused-function", "-Werror", f"-DTARGET_{target}"]
    environment = {"PATH": "/usr/bin:/bin", "ZIG_GLOBAL_CACHE_DIR": str(tmp_path), "ZIG_LOCAL_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(
        [*command, "-c", program, "-o", str(made)],
        cwd=PROGRAMS,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    sections = made.read_bytes()
    # An ELF file for BPF (machine 247), little-endian, with types and relocations.
    assert sections[:6] == b"\x7fELF\x02\x01"
    assert int.from_bytes(sections[18:20], "little") == 247
    assert b".BTF.ext\0" in sections
