"""Bbolt files: `write(path, {b"bucket": {b"key": b"value", b"sub": {}}})`.

Layout: https://github.com/etcd-io/bbolt, page and bucket structures, little-endian. Small buckets lie inside their
value, as bbolt does it; large values take overflow pages; many keys make branch pages.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

Tree: TypeAlias = Mapping[bytes, "bytes | Tree"]

MAGIC, VERSION = 0xED0CDAED, 2
BRANCH, LEAF, META, FREELIST = 0x01, 0x02, 0x04, 0x10
HEADER = struct.Struct("<QHHI")
LEAF_ELEMENT = struct.Struct("<IIII")
BRANCH_ELEMENT = struct.Struct("<IIQ")
BUCKET = struct.Struct("<QQ")


class _Pages:
    def __init__(self, size: int, inline: bool) -> None:
        self.size, self.inline = size, inline
        # Two metas, a freelist and, as bbolt makes it, an empty root that is never used again.
        self.blocks: list[bytes] = [b""] * 4

    def add(self, flags: int, count: int, body: bytes) -> int:
        number = len(self.blocks)
        pages = -(-(HEADER.size + len(body)) // self.size)
        block = (HEADER.pack(number, flags, count, pages - 1) + body).ljust(pages * self.size, b"\0")
        self.blocks.extend(block[at : at + self.size] for at in range(0, len(block), self.size))
        return number

    def bucket(self, tree: Tree) -> int:
        """Writes the pages of a bucket; returns the number of its root page."""
        leaves: list[tuple[bytes, int]] = []
        part: list[tuple[int, bytes, bytes]] = []
        used = HEADER.size
        for key in sorted(tree):
            value = tree[key]
            item = (0, key, value) if isinstance(value, bytes) else (1, key, self.nested(value))
            size = LEAF_ELEMENT.size + len(key) + len(item[2])
            if part and used + size > self.size:
                leaves.append((part[0][1], self.add(LEAF, len(part), leaf(part))))
                part, used = [], HEADER.size
            part.append(item)
            used += size
        leaves.append((part[0][1] if part else b"", self.add(LEAF, len(part), leaf(part))))
        return self.branches(leaves)

    def branches(self, children: list[tuple[bytes, int]]) -> int:
        while len(children) > 1:
            parents: list[tuple[bytes, int]] = []
            part: list[tuple[bytes, int]] = []
            used = HEADER.size
            for key, number in children:
                size = BRANCH_ELEMENT.size + len(key)
                if len(part) > 1 and used + size > self.size:
                    parents.append((part[0][0], self.add(BRANCH, len(part), branch(part))))
                    part, used = [], HEADER.size
                part.append((key, number))
                used += size
            parents.append((part[0][0], self.add(BRANCH, len(part), branch(part))))
            children = parents
        return children[0][1]

    def nested(self, tree: Tree) -> bytes:
        """The value of a bucket: its page inside when that is small, else the number of its root page."""
        items = [(0, key, value) for key, value in sorted(tree.items()) if isinstance(value, bytes)]
        body = leaf(items)
        if self.inline and len(items) == len(tree) and HEADER.size + len(body) <= self.size // 4:
            return BUCKET.pack(0, 0) + HEADER.pack(0, LEAF, len(items), 0) + body
        return BUCKET.pack(self.bucket(tree), 0)


def leaf(items: list[tuple[int, bytes, bytes]]) -> bytes:
    """Elements, then keys and values; places count from the element."""
    elements, data = [], b"".join(key + value for _, key, value in items)
    at = len(items) * LEAF_ELEMENT.size
    for index, (flags, key, value) in enumerate(items):
        elements.append(LEAF_ELEMENT.pack(flags, at - index * LEAF_ELEMENT.size, len(key), len(value)))
        at += len(key) + len(value)
    return b"".join(elements) + data


def branch(items: list[tuple[bytes, int]]) -> bytes:
    """As `leaf`, with page numbers in place of values."""
    elements, data = [], b"".join(key for key, _ in items)
    at = len(items) * BRANCH_ELEMENT.size
    for index, (key, number) in enumerate(items):
        elements.append(BRANCH_ELEMENT.pack(at - index * BRANCH_ELEMENT.size, len(key), number))
        at += len(key)
    return b"".join(elements) + data


def meta(number: int, size: int, root: int, pages: int, transaction: int) -> bytes:
    """A page that says where the tree begins."""
    body = struct.pack("<IIIIQQQQQ", MAGIC, VERSION, size, 0, root, 0, 2, pages, transaction)
    checksum = 0xCBF29CE484222325
    for byte in body:
        checksum = ((checksum ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return (HEADER.pack(number, META, 0, 0) + body + struct.pack("<Q", checksum)).ljust(size, b"\0")


def write(path: Path, tree: Tree, *, page_size: int = 4096, inline: bool = True) -> None:
    """Writes `tree` (bytes are values, mappings are buckets) as a bbolt file."""
    pages = _Pages(page_size, inline)
    root = pages.bucket(tree)
    count = len(pages.blocks)
    pages.blocks[0] = meta(0, page_size, root, count, 6)
    pages.blocks[1] = meta(1, page_size, 3, count, 5)
    pages.blocks[2] = (HEADER.pack(2, FREELIST, 1, 0) + struct.pack("<Q", 3)).ljust(page_size, b"\0")
    pages.blocks[3] = HEADER.pack(3, LEAF, 0, 0).ljust(page_size, b"\0")
    path.write_bytes(b"".join(pages.blocks))
