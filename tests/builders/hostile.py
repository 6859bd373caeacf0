"""Input that means harm: bombs, loops, escapes, lies. It is cheap to make."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import zipfile
from pathlib import Path

from builders.image import (
    OCI_CONFIG,
    OCI_LAYER,
    OCI_MANIFEST,
    Image,
    digest,
    index,
    layout_files,
    member,
    saved_files,
    tar,
    write,
)

END = bytes(1024)


def header(name: str, size: int = 0) -> bytes:
    return member(name, size=size).tobuf(tarfile.GNU_FORMAT)


def crowd(pattern: str, number: int) -> bytes:
    """A tar of so many empty files; `{}` is a number of six digits, which repeats after a hundred thousand. Made by
    hand: tarfile would take a minute."""
    at = len(pattern.encode().partition(b"{}")[0])
    block = header(pattern.replace("{}", "0" * 6))
    plain = sum(block[:148]) + sum(block[156:]) + 8 * 32
    made = []
    for count in range(min(number, 100_000)):
        digits = b"%06d" % count
        made.append(
            block[:at] + digits + block[at + 6 : 148] + b"%06o\0 " % (plain + sum(digits) - 6 * 48) + block[156:]
        )
    return b"".join(made) * max(number // 100_000, 1) + END


def zeros(gibibytes: int, name: str) -> bytes:
    """A gzip layer with one file of zeros: a thousandth of its size."""
    quarter = gzip.compress(bytes(1 << 28), 9)
    return gzip.compress(header(name, gibibytes << 30)) + quarter * (4 * gibibytes) + gzip.compress(END)


def image_of(*layers: bytes, diff_ids: list[str] | None = None) -> Image:
    """An image of these layers as they are stored; plain ones get their true diff ids."""
    image = Image(compress=False)
    image.stored = list(layers)
    image.diff_ids = diff_ids or [digest(data) for data in layers]
    rootfs = {"type": "layers", "diff_ids": image.diff_ids}
    image.config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": rootfs}).encode()
    image.layers = [{"mediaType": OCI_LAYER, "digest": digest(data), "size": len(data)} for data in layers]
    config = {"mediaType": OCI_CONFIG, "digest": digest(image.config), "size": len(image.config)}
    image.document = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": image.layers}
    return image


def saved(path: Path, *layers: bytes, diff_ids: list[str] | None = None) -> Path:
    """An archive as `docker save` writes it."""
    path.write_bytes(tar(saved_files((image_of(*layers, diff_ids=diff_ids), ["app:1"]))))
    return path


def diff_id_of_zeros(gibibytes: int, name: str) -> str:
    hashed, piece = hashlib.sha256(header(name, gibibytes << 30)), bytes(1 << 24)
    for _ in range(gibibytes * 64):
        hashed.update(piece)
    hashed.update(END)
    return f"sha256:{hashed.hexdigest()}"


def archive(*files: tuple[str, bytes]) -> bytes:
    """A ZIP."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files:
            made.writestr(name, content)
    return out.getvalue()


def nested_archives(depth: int, width: int) -> bytes:
    """Archives in archives, as in the well-known 42.zip: width ** depth of them in some kilobytes."""
    inner = archive(*((f"{number}.txt", bytes(1 << 20)) for number in range(width)))
    for _ in range(depth):
        inner = archive(*((f"x{number}.jar", inner) for number in range(width)))
    return inner


def yaml_bomb(levels: int = 12) -> bytes:
    """Ten to the power of `levels` values by aliases."""
    lines = ['lockfileVersion: "9.0"', f"a0: &a0 [{', '.join('x' * 10)}]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join([*lines, f"packages: *a{levels - 1}", ""]).encode()


def xml_bomb() -> bytes:
    """A billion laughs in a Maven project."""
    entities = '<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 11))
    project = "<project><groupId>&l10;</groupId><artifactId>a</artifactId><version>1</version></project>"
    return f'<?xml version="1.0"?><!DOCTYPE p [{entities}]>{project}'.encode()


def xml_outside(path: str) -> bytes:
    """A Maven project that asks for a file of this machine."""
    project = "<project><groupId>&x;</groupId><artifactId>thing</artifactId><version>1</version></project>"
    return f'<!DOCTYPE p [<!ENTITY x SYSTEM "file://{path}">]>{project}'.encode()


def lying_layout(folder: Path, image: Image, blob: str, content: bytes) -> Path:
    """A layout in which one blob is another than its name says. blob: a digest."""
    return write(folder, layout_files(index(image.descriptor()), image, more={blob: content}))


def sparse(name: str, claimed: int) -> bytes:
    """The entry of a file that claims a size, and stores half a kilobyte of it (GNU's old form of sparse files)."""
    info = member(name, tarfile.GNUTYPE_SPARSE, size=512)
    block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    block[386:410] = b"00000000000\0" + b"00000001000\0"
    block[483:495] = b"\x80" + claimed.to_bytes(11, "big")
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + b"P" * 512


def long_header(kind: bytes, gibibytes: int) -> bytes:
    """A gzip layer whose extended header (`x`, `g`, `L` or `K`) claims to be, and is, that long."""
    quarter = gzip.compress(bytes(1 << 28), 9)
    header_block = member("h", kind, size=gibibytes << 30).tobuf(tarfile.GNU_FORMAT)
    return gzip.compress(header_block) + quarter * (4 * gibibytes) + gzip.compress(header("a") + END)
