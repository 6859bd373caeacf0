"""Small executables of every format: just enough of each to be found by its readers.

Layouts: System V gABI (ELF), Microsoft PE/COFF, Apple's mach-o/loader.h, the WebAssembly core specification; Go's build
information as `debug/buildinfo` documents it; cargo-auditable's section as its README documents it.
"""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any

MAGIC = b"\xff Go buildinf:"
START, END = bytes.fromhex("3077af0c9274080241e1c107e6d618e6"), bytes.fromhex("f932433186182072008242104116d8f2")
ADDRESS = 0x40_0000


def modules(text: str) -> bytes:
    """Module text between its marks, as the Go linker writes it."""
    return START + text.encode() + END


def varint(number: int) -> bytes:
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def go_inline(version: str, module_text: bytes = b"") -> bytes:
    """Build information since Go 1.18."""
    strings = b"".join(varint(len(text)) + text for text in (version.encode(), module_text))
    return (MAGIC + bytes([8, 2])).ljust(32, b"\0") + strings


def go_pointers(version: str, module_text: bytes, address: int, *, width: int = 8, order: str = "<") -> bytes:
    """Build information before Go 1.18, loaded at `address`: pointers to string headers, which point to text."""
    word = f"{order}{'Q' if width == 8 else 'I'}"
    texts = [version.encode(), module_text]
    headers_at = address + 32
    texts_at = headers_at + 4 * width
    info = MAGIC + bytes([width, order == ">"])
    info += struct.pack(word, headers_at) + struct.pack(word, headers_at + 2 * width if module_text else 0)
    info = info.ljust(32, b"\0")
    info += struct.pack(word, texts_at) + struct.pack(word, len(texts[0]))
    info += struct.pack(word, texts_at + len(texts[0])) + struct.pack(word, len(texts[1]))
    return info + b"".join(texts)


def audit(packages: list[dict[str, Any]]) -> bytes:
    """cargo-auditable's section."""
    return zlib.compress(json.dumps({"packages": packages}).encode())


def elf(
    sections: dict[str, bytes],
    *,
    wide: bool = True,
    order: str = "<",
    named: bool = True,
    symbols: dict[str, bytes] | None = None,
    flags: int = 6,
) -> bytes:
    """An ELF file, all of it loaded at ADDRESS by one writable segment. Without `named` it has no section table."""
    head, program, entry = (64, 56, 64) if wide else (52, 32, 40)
    word = "Q" if wide else "I"
    body, places = b"", []
    contents = dict(sections)
    if symbols is not None:
        names, table, texts = b"\0", bytes(24 if wide else 16), b""
        for name, value in symbols.items():
            place = ADDRESS + 0x1000 + len(texts)
            layout = (len(names), 1, 0, 1, place, len(value)) if wide else (len(names), place, len(value), 1, 0, 1)
            table += struct.pack(f"{order}{'IBBHQQ' if wide else 'IIIBBH'}", *layout)
            names += name.encode() + b"\0"
            texts += value
        contents = {".text": texts, **contents, ".symtab": table, ".strtab": names}
    contents[".shstrtab"] = b"\0" + b"\0".join(name.encode() for name in contents) + b"\0.shstrtab\0"
    start = 0x1000
    for content in contents.values():
        body += b"\0" * (-len(body) % 16)
        places.append(start + len(body))
        body += content
    table_at = start + len(body)
    table = bytes(entry)
    texts = contents[".shstrtab"]
    for index, (name, content) in enumerate(contents.items(), 1):
        kind = {".symtab": 2, ".strtab": 3, ".shstrtab": 3}.get(name, 1)
        link = index + 1 if name == ".symtab" else 0
        offset = places[index - 1]
        fields = (
            texts.index(b"\0" + name.encode() + b"\0") + 1,
            kind,
            0,
            ADDRESS + offset,
            offset,
            len(content),
            link,
            0,
            1,
            0,
        )
        table += struct.pack(f"{order}II4{word}II2{word}", *fields)
    count = len(contents) + 1
    header = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1]).ljust(12, b"\0")
    header += struct.pack(
        f"{order}HHI3{word}IHHHHHH",
        *(2, 62, 1, ADDRESS, head, table_at if named else 0, 0, head, program, 1, entry),
        *((count, count - 1) if named else (0, 0)),
    )
    size = table_at + len(table)
    if wide:
        segment = struct.pack(f"{order}II6Q", 1, flags, 0, ADDRESS, ADDRESS, size, size, 0x1000)
    else:
        segment = struct.pack(f"{order}8I", 1, 0, ADDRESS, ADDRESS, size, size, flags, 0x1000)
    return (header + segment).ljust(start, b"\0") + body + table


def pe(sections: dict[str, tuple[int, bytes]], *, wide: bool = True) -> bytes:
    """A PE file with sections of (characteristics, content)."""
    optional = struct.pack("<H", 0x20B if wide else 0x10B).ljust(24 if wide else 28, b"\0")
    optional = (optional + struct.pack("<Q" if wide else "<I", ADDRESS)).ljust(112, b"\0")
    table, body, start = b"", b"", 0x400
    for name, (flags, content) in sections.items():
        padded = content.ljust(-(-len(content) // 512) * 512, b"\0")
        place = start + len(body)
        numbers = (len(content), place, len(padded), place, 0, 0, 0, 0, flags)
        table += struct.pack("<8s6I2HI", name.encode(), *numbers)
        body += padded
    coff = struct.pack("<HHIIIHH", 0x8664, len(sections), 0, 0, 0, len(optional), 2)
    dos = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)
    return (dos + b"PE\0\0" + coff + optional + table).ljust(start, b"\0") + body


def macho(sections: dict[str, bytes], *, wide: bool = True, order: str = "<") -> bytes:
    """A Mach-O file with one read-write segment."""
    body, start, entries = b"", 0x400, b""
    for name, content in sections.items():
        place = start + len(body)
        layout = f"{order}16s16s{'QQ' if wide else 'II'}{'8I' if wide else '7I'}"
        numbers = (ADDRESS + place, len(content), place, *([0] * (7 if wide else 6)))
        entries += struct.pack(layout, name.encode(), b"__DATA", *numbers)
        body += content + b"\0" * (-len(content) % 16)
    size = (72 if wide else 56) + len(entries)
    segment = struct.pack(
        f"{order}II16s{'4Q' if wide else '4I'}4I",
        *(0x19 if wide else 1, size, b"__DATA", ADDRESS + start, len(body), start, len(body), 3, 3, len(sections), 0),
    )
    header = struct.pack(f"{order}7I", 0xFEEDFACF if wide else 0xFEEDFACE, 7, 3, 2, 1, size, 0) + bytes(
        4 if wide else 0
    )
    return (header + segment + entries).ljust(start, b"\0") + body


def fat(images: list[bytes], *, wide: bool = False) -> bytes:
    """Several Mach-O files in one."""
    table, body, start = b"", b"", 0x1000
    for image in images:
        place = start + len(body)
        numbers = (7, 3, place, len(image), 12) + ((0,) if wide else ())
        table += struct.pack(">IIQQII" if wide else ">5I", *numbers)
        body += image.ljust(-(-len(image) // 4096) * 4096, b"\0")
    return (struct.pack(">II", 0xCAFEBABF if wide else 0xCAFEBABE, len(images)) + table).ljust(start, b"\0") + body


def wasm(sections: dict[str, bytes]) -> bytes:
    """A module of custom sections, behind an empty type section."""
    body = b"\0asm\x01\0\0\0" + b"\x01\x01\0"
    for name, content in sections.items():
        inner = varint(len(name)) + name.encode() + content
        body += b"\0" + varint(len(inner)) + inner
    return body
