"""Captures made by hand: processes that start, open files and use the network, event by event."""

from __future__ import annotations

import gzip
import ipaddress
import json
import struct
from pathlib import Path
from typing import Any

from vigie._core import event_types

START = 1_800_000_000_000_000_000
HOST = ""
CONTAINER = "c0ffee" + "0" * 58
_LATEST = {
    "execve": 293, "openat": 307, "creat": 59, "connect": 23, "accept4": 389, "setuid": 199, "clone": 223,
    "unshare": 285, "bpf": 369, "userfaultfd": 321, "unlinkat": 303, "renameat2": 319, "mkdir": 277, "fchmodat": 313,
    "dup2": 363, "socket": 19, "recvfrom": 35, "container": 324, "pluginevent": 322,
}  # fmt: skip
"""Ids of the current layouts."""
_SIZES = {"errno": 8, "fd": 8, "pid": 8, "uid": 4, "gid": 4, "abstime": 8, "mode": 4}
WRITE, READ, CREATE, TRUNCATE, DIRECTORY = 2, 1, 4, 256, 1024


def _encoded(kind: str, value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode() + b"\0"
    base = kind.split("(", maxsplit=1)[0]
    size = _SIZES.get(base) or int("".join(filter(str.isdigit, base))) // 8
    return int(value).to_bytes(size, "little", signed=value < 0)


def tuple4(source: str, source_port: int, target: str, target_port: int) -> bytes:
    """A pair of IPv4 addresses with ports."""
    return (
        b"\x02"
        + ipaddress.ip_address(source).packed
        + struct.pack("<H", source_port)
        + ipaddress.ip_address(target).packed
        + struct.pack("<H", target_port)
    )


class Activity:
    """Events in order, a millisecond apart. Each process is a thread of its own."""

    def __init__(self) -> None:
        self.time = START
        self.tid = 1000
        self._blocks: list[bytes] = []
        self._parameters = {row[0]: row[6] for row in event_types()}

    def event(self, name: str, thread: int, /, **values: Any) -> int:
        """Adds an event; parameters that are not given are empty. Returns its time."""
        number = _LATEST[name]
        parameters = self._parameters[number]
        unknown = values.keys() - {parameter for parameter, _ in parameters}
        assert not unknown, unknown
        data = [_encoded(kind, values[parameter]) if parameter in values else b"" for parameter, kind in parameters]
        self.time += 1_000_000
        large = name in ("container", "pluginevent")
        lengths = b"".join(struct.pack("<I" if large else "<H", len(one)) for one in data)
        body = lengths + b"".join(data)
        header = struct.pack("<QqIHI", self.time, thread, 26 + len(body), number, len(data))
        self._block(0x221 if large else 0x216, struct.pack("<H", 0) + header + body)
        return self.time

    def _block(self, kind: int, body: bytes) -> None:
        body += bytes(-len(body) % 4)
        length = struct.pack("<I", len(body) + 12)
        self._blocks.append(struct.pack("<I", kind) + length + body + length)

    def container(self, identity: str, **facts: Any) -> None:
        """Tells of a container."""
        about = {
            "id": identity[:12],
            "full_id": identity,
            "type": 0,
            "name": "box",
            "Mounts": [],
            "labels": {},
            **facts,
        }
        self.event("container", 1, json=json.dumps({"container": about}))

    def process(
        self,
        comm: str,
        *arguments: str,
        parent: int = 0,
        container: str = HOST,
        exe: str | None = None,
        path: str | None = None,
        **values: Any,
    ) -> int:
        """Starts a program in a new process; returns its thread's id."""
        self.tid += 1
        tid = self.tid
        uid = values.pop("uid", 0)
        capabilities = values.pop("capabilities", 0)
        self.event(
            "execve", tid, res=0, exe=exe or comm, args="".join(f"{one}\0" for one in arguments).encode(), tid=tid,
            pid=tid, ptid=parent, comm=comm[:15], uid=uid, gid=uid, tty=values.pop("tty", 0),
            vpgid=tid, pgid=tid, cgroups=f"cpu=/docker/{container}\0".encode() if container else b"cpu=/\0",
            env=values.pop("env", "").encode() + b"\0", flags=values.pop("flags", 0), cap_effective=capabilities,
            cap_permitted=capabilities, cap_inheritable=0, trusted_exepath=path or f"/usr/bin/{comm}", **values,
        )  # fmt: skip
        return tid

    def first_process(self, container: str, **values: Any) -> int:
        """Starts the first process of a container: number 1 in its namespace. Returns the time of its start."""
        parent = self.process("runc")
        self.event(
            "clone", self.tid + 1, res=0, exe="runc", args=b"", tid=self.tid + 1, pid=self.tid + 1, ptid=parent,
            comm="runc", cgroups=f"cpu=/docker/{container}\0".encode(), flags=1 << 29, uid=0, gid=0, vtid=1, vpid=1,
        )  # fmt: skip
        self.process("app", parent=parent, container=container, **values)
        return self.time

    def open(self, tid: int, path: str, flags: int = READ, mode: int = 0) -> int:
        """Opens a file, as descriptor 5. Returns the event's time."""
        return self.event("openat", tid, fd=5, dirfd=-100, name=path, flags=flags, mode=mode)

    def connect(self, tid: int, target: str, port: int, protocol: int = 6) -> int:
        """Connects over IPv4, as descriptor 6. Returns the event's time."""
        self.event("socket", tid, fd=6, domain=2, type=1 if protocol == 6 else 2, proto=protocol)
        return self.event("connect", tid, res=0, fd=6, tuple=tuple4("192.0.2.7", 40000, target, port))

    def save(self, path: Path) -> None:
        """Writes the capture."""
        blocks, self._blocks = self._blocks, []
        self._block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 2, -1))
        # Two processors, a gigabyte, the largest process id, the host's name, when it started.
        self._block(0x201, struct.pack("<IQQ128sQQQQ", 2, 1 << 30, 1 << 22, b"hand", START - 10**12, 0, 0, 0))
        path.write_bytes(gzip.compress(b"".join(self._blocks + blocks)))
