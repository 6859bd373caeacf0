"""Build information of Go and Rust in executables of every format."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from builders.executable import ADDRESS, audit, elf, fat, go_inline, go_pointers, macho, modules, pe, wasm
from vigie import _core

TEXT = "path\texample.com/tool\nmod\texample.com/tool\tv1.0.0\t\ndep\texample.com/lib\tv1.2.3\th1:abc=\n"
INFO = go_inline("go1.22.3", modules(TEXT))
CRATES = [{"name": "tool", "version": "1.0.0", "source": "local", "root": True}]
DATA = 0xC0000040

GO = {
    "elf": ("elf", elf({".go.buildinfo": INFO})),
    "elf-32-big-endian": ("elf", elf({".go.buildinfo": INFO}, wide=False, order=">")),
    "elf-without-sections": ("elf", elf({".data": b"x" * 1008 + INFO}, named=False)),
    "elf-behind-other-data": ("elf", elf({".data": b"\xff Go buildinf:??", ".go.buildinfo": bytes(64) + INFO})),
    "elf-pointers": ("elf", elf({".go.buildinfo": go_pointers("go1.22.3", modules(TEXT), ADDRESS + 0x1000)})),
    "elf-pointers-32-big-endian": (
        "elf",
        elf(
            {".go.buildinfo": go_pointers("go1.22.3", modules(TEXT), ADDRESS + 0x1000, width=4, order=">")},
            wide=False,
            order=">",
        ),
    ),
    "pe": ("pe", pe({".text": (0x60000020, b"code"), ".data": (DATA | 0x600000, INFO)})),
    "pe-32": ("pe", pe({".data": (DATA, b"x" * 2000 + INFO)}, wide=False)),
    "pe-pointers": ("pe", pe({".data": (DATA, go_pointers("go1.22.3", modules(TEXT), ADDRESS + 0x400))})),
    "macho": ("macho", macho({"__text": b"code", "__go_buildinfo": INFO})),
    "macho-32-big-endian": ("macho", macho({"__go_buildinfo": INFO}, wide=False, order=">")),
    "macho-data": ("macho", macho({"__data": bytes(160) + INFO})),
    "macho-fat": ("macho", fat([macho({"__go_buildinfo": INFO}), macho({})])),
    "macho-fat-wide": ("macho", fat([macho({"__go_buildinfo": INFO})], wide=True)),
}

RUST = {
    "elf": ("elf", elf({".dep-v0": audit(CRATES)})),
    "elf-legacy": ("elf", elf({".rust-deps-v0": audit(CRATES)}, wide=False)),
    "pe": ("pe", pe({".text": (0x60000020, b"code"), ".dep-v0": (0x40000040, audit(CRATES))})),
    "pe-legacy": ("pe", pe({"rdep-v0": (0x40000040, audit(CRATES))}, wide=False)),
    "macho": ("macho", macho({".dep-v0": audit(CRATES)})),
    "macho-legacy": ("macho", fat([macho({"rust-deps-v0": audit(CRATES)})])),
    "wasm": ("wasm", wasm({"producers": b"rustc", ".dep-v0": audit(CRATES)})),
}


def read(content: bytes, folder: Path) -> _core.Executable | None:
    (folder / "program").write_bytes(content)
    return _core.read_executable(str(folder / "program"))


@pytest.mark.parametrize("name", GO)
def test_go(name: str, tmp_path: Path) -> None:
    kind, content = GO[name]
    found = read(content, tmp_path)
    assert found is not None
    assert (found.format, found.go_version, found.go_modinfo) == (kind, "go1.22.3", TEXT)
    assert (found.go_symbols, found.rust_audit) == ([], b"")


@pytest.mark.parametrize("name", RUST)
def test_rust(name: str, tmp_path: Path) -> None:
    kind, content = RUST[name]
    found = read(content, tmp_path)
    assert found is not None
    assert (found.format, found.go_version, found.go_modinfo) == (kind, "", "")
    assert json.loads(found.rust_audit) == {"packages": CRATES}


def test_modules_without_marks_do_not_count(tmp_path: Path) -> None:
    for text in (b"", b"path\tx\n", bytes(33), modules("no newline at the end")):
        found = read(elf({".go.buildinfo": go_inline("go1.18", text)}), tmp_path)
        assert found is not None and (found.go_version, found.go_modinfo) == ("go1.18", "")


@pytest.mark.parametrize("wide", [True, False])
def test_symbols_that_may_hold_a_version(wide: bool, tmp_path: Path) -> None:
    symbols = {
        "main.version.str": b"v1.2.3\0",
        "main.Version": b"x",
        "example.com/tool/cmd.VER.str": b"2.0.0",
        "main.version.string": b"no",
        ".version.str": b"v3",
        "version.str": b"no",
        "main.date.str": b"no",
        "other.version.str": b"",
    }
    found = read(elf({".go.buildinfo": INFO}, symbols=symbols, wide=wide), tmp_path)
    assert found is not None
    assert found.go_symbols == [("main.version", "v1.2.3"), ("example.com/tool/cmd.VER", "2.0.0")]


NOTHING = {
    "empty": b"",
    "script": b"#!/bin/sh\nexit 0\n",
    "elf of C": elf({".data": b"nothing here"}),
    "elf magic only": b"\x7fELF\x02\x01\x01",
    "elf with wild tables": b"\x7fELF\x02\x01" + b"\xff" * 100,
    "an aligned magic number in other data": elf({".data": b"\xff Go buildinf:" + b"\xff" * 40}),
    "an executable segment is not searched": elf({".text": INFO}, named=False, flags=5),
    "no version": elf({".go.buildinfo": go_inline("")}),
    "dos program": b"MZ" + bytes(100),
    "pe without": pe({".text": (0x60000020, b"code")}),
    "java class": b"\xca\xfe\xba\xbe\0\0\0\x41" + bytes(100),
    "fat file of nothing": fat([b"x" * 100]),
    "macho cut off": macho({"__go_buildinfo": INFO})[:50],
    "wasm without": wasm({"producers": b"rustc"}),
    "wasm with a wild size": b"\0asm\x01\0\0\0\0\xff\xff\xff\xff\x0f",
}


@pytest.mark.parametrize("name", NOTHING)
def test_nothing_to_say(name: str, tmp_path: Path) -> None:
    assert read(NOTHING[name], tmp_path) is None


DAMAGED = {
    "go strings beyond the end": elf({".go.buildinfo": INFO[:20] + bytes(12) + b"\xff\xff\xff\x7f"}),
    "go pointers to nowhere": elf({".go.buildinfo": go_pointers("go1.17", b"", 0xDEAD0000)}),
    "crates that are not zlib": elf({".dep-v0": b"plain text"}),
    "crates cut off": wasm({".dep-v0": audit(CRATES)[:-9]}),
    "crates that are a bomb": elf({".dep-v0": audit([{"name": "x" * (20 << 20)}])}),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"Go build information is damaged|list of crates"):
        read(DAMAGED[name], tmp_path)


@pytest.mark.parametrize("name", sorted(GO))
def test_cut_off_files_are_never_wrong(name: str, tmp_path: Path) -> None:
    whole = GO[name][1]
    for length in range(0, len(whole), 97):
        try:
            found = read(whole[:length], tmp_path)
        except ValueError as error:
            assert "damaged" in str(error)
        else:
            assert found is None or found.go_modinfo in (TEXT, "")


@pytest.mark.integration
@pytest.mark.parametrize("target", ["linux/amd64", "windows/386"])
def test_a_program_that_go_built(target: str, tmp_path: Path) -> None:
    go = shutil.which("go")
    if go is None:
        pytest.skip("go is not installed")
    (tmp_path / "main.go").write_text('package main\n\nvar version = ""\n\nfunc main() { println(version) }\n')
    (tmp_path / "go.mod").write_text("module example.com/tool\n\ngo 1.18\n")
    system, machine = target.split("/")
    environment = {"GOOS": system, "GOARCH": machine, "GOPROXY": "off", "GOFLAGS": "-mod=mod", "CGO_ENABLED": "0"}
    subprocess.run(
        [go, "build", "-ldflags", "-X main.version=v9.8.7", "-o", "tool", "."],
        cwd=tmp_path,
        env={**environment, "HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "GOCACHE": str(tmp_path / "cache")},
        check=True,
    )
    found = _core.read_executable(str(tmp_path / "tool"))
    assert found is not None
    assert found.go_version.startswith("go1.")
    assert found.go_modinfo.startswith("path\texample.com/tool\nmod\texample.com/tool\t")
    if system == "linux":
        assert ("main.version", "v9.8.7") in found.go_symbols
