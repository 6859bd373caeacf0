"""Writes the first inputs of every fuzz target to `corpus/<target>/`, made of the test data and the tests' writers."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import lzma
import struct
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
TESTS = HERE.parent.parent / "tests"
sys.path.insert(0, str(TESTS))

from builders import bolt, rpm  # noqa: E402
from builders import executable as build  # noqa: E402

LARGEST = 64 << 10
#: The block of an event in a capture, and how many types of events there are.
EVENT, TYPES = 0x216, 454


#: An expression, a keyword and a text each.
SECRETS = (
    "\\b(?P<secret>ab_[0-9a-z]{6})\\b\nab_\nx = ab_01cd23\r\nAB_01cd23 ab_01cd234",
    "^key[ \\t]*=\\s*(?P<secret>.+)$\nkey\nkey = 1\r\nkey=2\n",
    "-----BEGIN[\\s\\S]+?END\n\n-----BEGIN a END -----BEGIN",
    "(?i)(?:abc|bcd){1,2}[0-9]*\\B\nbc\nabcbcd12x ABCbcd9",
    "(?:é|\\xff)k[e3]y(?:'(?P<secret>[^']*)')?\nkey\nékey'x' ék3y",
)


def archives() -> Iterator[bytes]:
    """JARs: stored and deflated, one inside the other."""
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w", method) as archive:
            archive.writestr("META-INF/maven/g/a/pom.properties", "groupId=g\nartifactId=a\nversion=1\n")
        outer = io.BytesIO()
        with zipfile.ZipFile(outer, "w", method) as archive:
            archive.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n")
            archive.writestr("lib/in.jar", inner.getvalue())
            with archive.open("LICENSE", "w", force_zip64=True) as entry:
                entry.write(b"text")
        yield outer.getvalue()


def executables() -> Iterator[bytes]:
    """One of each format that says something."""
    info = build.go_inline("go1.22.3", build.modules("path\tm\nmod\tm\tv1.0.0\t\n"))
    crates = build.audit([{"name": "a", "version": "1"}])
    pointers = build.go_pointers("go1.17", build.modules("path\tm\n"), build.ADDRESS + 0x1000)
    yield build.elf({".go.buildinfo": info, ".dep-v0": crates}, symbols={"main.version.str": b"v1"})
    yield build.elf({".go.buildinfo": pointers})
    yield build.elf({".data": info}, wide=False, order=">", named=False)
    yield build.pe({".data": (0xC0000040, info), ".dep-v0": (0x40000040, crates)})
    yield build.macho({"__go_buildinfo": info})
    yield build.fat([build.macho({".dep-v0": crates}, wide=False)])
    yield build.wasm({"name": b"x", ".dep-v0": crates})


def layers() -> Iterator[bytes]:
    """Tar files in every format that Python writes, with a long name, links and a whiteout."""
    contents = {
        "usr/bin/tool": next(executables()),
        "app/" + "x" * 120 + "/a.jar": next(archives()),
        "etc/.wh.gone": b"",
    }
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w", format=form) as tar:
            for name, content in contents.items():
                member = tarfile.TarInfo(name if form != tarfile.USTAR_FORMAT else name[-90:])
                member.size, member.mode = len(content), 0o755
                tar.addfile(member, io.BytesIO(content))
            link = tarfile.TarInfo("usr/bin/link")
            link.type, link.linkname = tarfile.SYMTYPE, "tool"
            tar.addfile(link)
        yield stream.getvalue()


def databases(kind: str) -> Iterator[bytes]:
    """rpm databases around real headers."""
    headers = [path.read_bytes() for path in sorted((TESTS / "data" / "rpm_headers").glob("*.header"))]
    path = HERE / "corpus" / "database"
    for layout in rpm.KINDS:
        if layout.partition("-")[0] == kind:
            path.unlink(missing_ok=True)
            rpm.KINDS[layout](headers, path)
            yield path.read_bytes()
    path.unlink()


def bolts() -> Iterator[bytes]:
    """Branch pages, an inline bucket and a value that overflows."""
    path = HERE / "corpus" / "bolt.db"
    keys = {f"key {index:03}".encode(): b"v" * 20 for index in range(100)}
    bolt.write(path, {b"a": keys, b"b": {b"c": {b"d": b"e"}}, b"f": {b"g": b"h" * 2000}}, page_size=1024)
    content = path.read_bytes()
    path.unlink()
    # The target writes the roots itself: the first byte chooses the root page.
    for root in range(3, len(content) // 1024):
        yield bytes([root]) + content[1:]


def captures() -> Iterator[bytes]:
    """The beginning of a recorded one, plain and compressed, and every older kind of block."""
    recorded = gzip.decompress((TESTS / "data" / "captures" / "activity_small.scap").read_bytes())
    length = 0
    while length < LARGEST // 2:
        length += int.from_bytes(recorded[length + 4 : length + 8], "little")
    yield recorded[:length]
    yield gzip.compress(recorded[:length], mtime=0)
    section, body = recorded[:28], bytes(range(1, 65))
    for kind in (*range(0x201, 0x223), *(0x80000000 + (low << 16) + 0xABCD for low in (*range(3), *range(16, 21)))):
        yield section + kind.to_bytes(4, "little") + (76).to_bytes(4, "little") + body + (76).to_bytes(4, "little")


def events() -> Iterator[bytes]:
    """One of each type that the recorded capture has, and each number of parameters of each type of the schema."""
    recorded = gzip.decompress((TESTS / "data" / "captures" / "activity_small.scap").read_bytes())
    at, seen = 0, set()
    while at < len(recorded):
        kind, length = struct.unpack_from("<II", recorded, at)
        body = recorded[at + 8 : at + length - 4]
        if kind == EVENT and body[22:24] not in seen:
            seen.add(body[22:24])
            yield b"\0" + struct.pack("<H", len(body)) + body
        at += length
    for first in range(0, TYPES, 2):
        pair = b""
        for event, parameters in ((event, number) for number in (1, 3, 5, 2) for event in (first, first + 1)):
            data = struct.pack("<HQqIHI", 0, 1, 1, 26 + 10 * parameters, event, parameters)
            data += struct.pack("<H", 8) * parameters + bytes(8 * parameters)
            pair += b"\0" + struct.pack("<H", len(data)) + data
        yield pair


def documents(*patterns: str) -> Iterator[bytes]:
    """The test data of the parsers."""
    for pattern in patterns:
        for path in sorted((TESTS / "data").rglob(pattern)):
            if path.is_file() and path.stat().st_size <= LARGEST:
                yield path.read_bytes()


CONDITIONS = [
    "evt.type in (open, openat) and evt.is_open_write=true and fd.name startswith /etc",
    "a and not (b or not not c) or d",
    'proc.aname[2] != "a\\x41 b" or evt.arg["x y"] exists and fd.num >= -0x1F',
    "tolower(fd.name) = toupper(basename(val(proc.name)))",
    "join(\",\", (proc.name, 'x')) contains anyof (a, 'b c') and getopt(proc.args, \"ab:\")[b] pmatch (/a, /b)",
]
PATTERNS = [
    "/etc/*.conf\n/etc/a.conf",
    "[!a-c]?[[:digit:]]\\*\nx/1*",
    "*[]x]*[a-]b\nxx]b-b",
    "(a|b)*[^[:space:]]{2,3}x+?$\nabzzx",
]
_AUDIT = '{"kind": "Event", "auditID": "a", "stageTimestamp": "2024-05-01T10:00:00.1Z", "x": '
AUDIT = [
    _AUDIT + '"\\u003c\\ud83d\\ude00"}',
    "[[" + _AUDIT + "[1.5e3, {}]}], " + _AUDIT + "null}]",
    '{"kind": "EventList", "metadata": {}, "items": [' + _AUDIT + '{}}, 7, {"$serde_json::private": 1}]}',
]
#: One text of each kind that the reader of /proc knows.
PROC = [
    "42 (a) b ( c) S 1 40 39 34816 40 4194304 11 12 13 14 15 16 17 18 20 0 1 0 987654 4096 1\n",
    "Name:\tx\nTgid:\t7\nPid:\t8\nPPid:\t1\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nGroups:\t1 2\nNStgid:\t7\t1\n"
    "NSpid:\t8\t2\nNSpgid:\t7\t1\nNSsid:\t7\t1\nVmSize:\t 12 kB\nCapEff:\t00000000a80425fb\n",
    "9:name=systemd:/x\n7:blkio:/b\n4:memory:/docker/" + "0123456789abcdef" * 4 + "\n2:cpu,cpuacct:/c\n0::/../../y\n",
    "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12345 1 0\n",
    "   1: " + "0" * 24 + "01000000:0016 " + "0" * 16 + "FFFF00000500000A:0400 01 0:0 0:0 0 0 0 9 1\n",
    "00000000eca8ea70: 00000002 00000000 00010000 0001 01 22 /run/a  b\n",
    "00000000d762b10f 4   0          00000000 0        0        0     2        0        1591\n",
    "root:x:0:0:root:/root:/bin/sh\nwheel:x:10:me,you\n",
    "pos:\t0\nflags:\t02100001\nmnt_id:\t9\n",
]
PATHS = ["/home/me/.ssh/id\n/home/*/.ssh\n/etc\n/home/m*/x", "a/b/c\n/\n", "/ab/y\n/a*/x\n/*b/y\n/a[b]/z"]


def written() -> Iterator[bytes]:
    """Texts written in every way that is decoded, and executables."""
    prose = "name = ÿ ~ ? > and more\n" * 9
    for text in (prose.encode(), prose.encode("utf-16-le"), prose.encode("utf-16")):
        yield b"'" + base64.b64encode(text) + b"'\n" + base64.urlsafe_b64encode(text).rstrip(b"=")
        yield b"  " + base64.encodebytes(text).replace(b"\n", b"\n  ")
        yield b"\\n".join(base64.encodebytes(text).split())
    yield b"https://a.example/b%20c?d=%26%3d&e=%C3%A9"
    yield from executables()


def streams() -> Iterator[bytes]:
    """Two bytes that say how a text is cut, and texts with what is looked for in them."""
    parts = ("ghp_Ab12", " token = v1", "token=secret # x", "KEY01: abc", "<<\nx é\n>>", "x" * 70, "")
    text = "\r\n".join(parts) * 5
    for cut in (b"\x00\x00", b"\x20\x07", b"\xff\x40"):
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-be"):
            yield cut + text.encode(encoding)
        yield cut + b"\xa7\r\r\n\0\0\0" + text.encode() + b"\0\1"
    yield from (b"\x01\x02" + content for content in packed())


def packed() -> Iterator[bytes]:
    """Archives in every format, and in one another."""
    yield from archives()
    for content in (*layers(), *archives(), b"one file"):
        yield gzip.compress(content, mtime=0)
        yield bz2.compress(content)
        yield lzma.compress(content)
        # A frame of zstd with one raw block.
        yield b"\x28\xb5\x2f\xfd\x00\x58" + (len(content) << 3 | 1).to_bytes(3, "little") + content
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_STORED):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", method) as archive:
            archive.writestr("../a.tgz", gzip.compress(next(layers()), mtime=0))
        yield stream.getvalue()


def records() -> Iterator[bytes]:
    """Records of the kernel's programs, each behind its length: one of each shape (`crates/probe/bpf/record.h`)."""

    def blob(tag: int, content: bytes) -> bytes:
        return struct.pack("<HH", tag, len(content)) + content + bytes(-len(content) % 4)

    def record(event: int, number: int, result: int, args: tuple[int, ...], *blobs: bytes) -> bytes:
        behind = b"".join(blobs)
        head = struct.pack("<QIIHHHHIIq6Q", 1, 7, 7, event, number, 0, 0, len(behind), 0, result, *args)
        return struct.pack("<H", len(head) + len(behind)) + head + behind

    def args(*given: int) -> tuple[int, ...]:
        return (*given, *[0] * (6 - len(given)))

    process = blob(
        18, struct.pack("<8i4I3Q4I2Q3Q3Q2I16s", *[7] * 8, *[0] * 4, *[1] * 3, *[9] * 4, *[0] * 8, 3, 1, b"sh")
    )
    cgroup = blob(22, b"\x04" + b"docker-" + b"0123456789abcdef" * 4 + b".scope\0system.slice\0")
    texts = [blob(19, b"sh\0-c\0x\0"), blob(20, b"A=b\0"), blob(21, b"dash\0bin\0usr\0")]
    socket = blob(17, struct.pack("<4H16s16sQQ108s4x", 2, 80, 443, 0, b"\x7f\0\0\1", b"\1\1\1\1", 0, 0, b""))
    file = blob(16, struct.pack("<Q4I", 5, 0x800001, 0x100000, 1, 0o100644))
    yield record(293, 59, 0, args(), process, *texts, cgroup) + record(186, 0, 256, args(1))
    yield record(223, 56, 9, args(0x1200011), process, *texts[:1], cgroup) + record(223, 56, 0, args(), process)
    yield record(307, 257, 3, args(2**32 - 100, 1, 0o1102, 0o600), blob(0, b"/etc/x\0"), file) + record(
        5, 3, 0, args(3)
    )
    yield record(23, 42, 0, args(3, 1, 16), socket, blob(0, struct.pack("<H14s", 2, b"\1\xbb\1\1\1\1")))
    yield record(53, 47, 2, args(3, 1), socket, blob(31, bytes(8)), blob(0, b"hi"), blob(26, b"\1\0/run/x\0"))
    yield record(81, 7, 1, args(1, 2), blob(0, struct.pack("<iHH", 3, 1, 1))) + record(1, 39, 7, args())
    yield record(393, 293, 0, args(1, 0o2000000), blob(0, struct.pack("<ii", 3, 4)), file)


def git_objects() -> Iterator[bytes]:
    """A first byte for the kind, and an object: commit, tag, trees, base and delta, a pack with its offsets."""
    id_ = "ab" * 20
    person = "A <a@b.c> 1700000000 +0100"
    yield f"\0tree {id_}\nparent {id_}\nauthor {person}\ncommitter {person}\n\nA subject\n".encode()
    yield f"\0object {id_}\ntype commit\ntag v1\ntagger {person}\n\nA subject\n".encode()
    old = b"100644 a\0" + bytes(20) + b"40000 b\0" + bytes(20)
    yield b"\1" + old + b"100644 a\0" + bytes(19) + b"\1" + b"40000 c\0" + bytes(20)
    base, delta = b"some text of a base " * 2, b"\x28\x0d\x90\x0a\x03new"
    yield b"\2" + base + delta + bytes(len(base) - len(delta))

    def entry(kind: int, size: int, head: bytes, data: bytes) -> bytes:
        first = bytes([kind << 4 | size & 15 | 0x80, size >> 4]) if size > 15 else bytes([kind << 4 | size])
        return first + head + zlib.compress(data)

    whole = entry(3, len(base), b"", base)
    by_offset = entry(6, len(delta), bytes([len(whole)]), delta)
    by_name = entry(7, len(delta), bytes(20), delta)
    offsets = bytes([3, 0, len(whole), len(whole) + len(by_offset)])
    yield b"\3" + offsets + whole + by_offset + by_name
    yield b"\x04" + b"\xfftOc\0\0\0\2" + b"\0\0\0\1" * 256 + bytes(20) + bytes(4) + bytes(4)


def main() -> None:
    """Writes them all."""
    (HERE / "corpus").mkdir(exist_ok=True)
    tars = list(layers())
    seeds = {
        "layer": [*tars, *(gzip.compress(tar, mtime=0) for tar in tars)],
        "tar": tars,
        "rpm_berkeley": databases("berkeley"),
        "rpm_ndb": databases("ndb"),
        "rpm_sqlite": databases("sqlite"),
        "bolt": bolts(),
        "executable": executables(),
        "zip": archives(),
        "capture": captures(),
        "event": events(),
        "json": documents("*.json", "bun.lock"),
        "toml": documents("*.toml", "*.lock"),
        "yaml": documents("*.yaml", "*.yml", "*.lock"),
        "hcl": documents("*.tf", "*.tfvars"),
        "nodes": documents("*.yaml", "*.yml", "*.json"),
        "condition": map(str.encode, CONDITIONS),
        "audit": map(str.encode, AUDIT),
        "glob": map(str.encode, PATTERNS),
        "path_prefix": map(str.encode, PATHS),
        "procfs": map(str.encode, PROC),
        "probe_record": records(),
        "git": git_objects(),
        "secrets": map(str.encode, SECRETS),
        "secrets_stream": streams(),
        "secrets_decode": written(),
        "secrets_members": packed(),
    }
    for target, contents in seeds.items():
        folder = HERE / "corpus" / target
        folder.mkdir(exist_ok=True)
        for number, content in enumerate(contents):
            (folder / f"seed-{number:03}").write_bytes(content)


if __name__ == "__main__":
    main()
