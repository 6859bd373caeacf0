"""The executables of the analyzers' cases. Run as a program it writes them anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from executable_builder import audit, elf, go_inline, macho, modules, pe, wasm

CASES = Path(__file__).parent / "data" / "analyzers"
DATA = 0xC0000040
TEXT = """path\texample.com/Shop/tool/cmd/tool
mod\texample.com/Shop/tool\t{version}\t
dep\tgithub.com/gin-gonic/gin\tv1.7.0\th1:a=
dep\tgolang.org/x/text\tv0.3.7\th1:b=
=>\texample.com/fork/text\tv0.3.9\th1:c=
dep\texample.com/local\tv1.0.0
=>\t./local\t(devel)\t
build\t-buildmode=exe
build\t-ldflags={flags}
"""
LINKED = "\"-s -w -X main.version=v2.0.1 -X main.commit=abc -X 'other.Version=3.0.0'\""
CRATES: list[dict[str, Any]] = [
    {"name": "adler", "version": "1.0.2", "source": "crates.io"},
    {"name": "cc", "version": "1.0.1", "source": "crates.io", "kind": "build"},
    {"name": "miniz_oxide", "version": "0.7.0", "source": "crates.io", "dependencies": [0]},
    {"name": "tool", "version": "1.0.0", "source": "local", "dependencies": [2, 1, 0, 99], "root": True},
]


def go(version: str, flags: str = '""', toolchain: str = "go1.22.3") -> bytes:
    """Build information of a program with three modules, two of them replaced."""
    return go_inline(toolchain, modules(TEXT.format(version=version, flags=flags)))


def windows(info: bytes) -> bytes:
    """The smallest program that holds it."""
    return pe({".data": (DATA, info)})


PROGRAMS = {
    "gobinary/released/root/usr/local/bin/tool": macho({"__go_buildinfo": go("v1.4.0", '"-X main.version=9.9.9"')}),
    "gobinary/linked/root/bin/tool.exe": windows(go("(devel)", LINKED)),
    "gobinary/pseudo-version/root/bin/tool.exe": windows(
        go("v0.0.0-20240102030405-0123456789ab", '"-X main.version=1.0 -X main.Version=2.0"')
    ),
    "gobinary/symbols/root/bin/tool": elf(
        {".go.buildinfo": go("(devel)", toolchain="go1.21.5 X:boringcrypto")},
        symbols={"main.version.str": b"1.2.3-rc.1"},
    ),
    "gobinary/short/root/bin/broken.exe": windows(go_inline("go1.22.3", modules("path\tx\nmod\tx\n"))),
    "gobinary/no-modules/root/bin/old.exe": windows(go_inline("devel go1.23-abc Tue")),
    "rustbinary/elf/root/usr/bin/tool": elf({".dep-v0": audit(CRATES)}),
    "rustbinary/wasm/root/app/tool.wasm": wasm({".dep-v0": audit(CRATES)}),
    "rustbinary/broken/root/app/tool.wasm": wasm({".dep-v0": audit([{"name": "x"}])}),
}


def write() -> None:
    """Writes the programs of all cases."""
    for path, content in PROGRAMS.items():
        file = CASES / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        file.chmod(0o755)


if __name__ == "__main__":
    write()
