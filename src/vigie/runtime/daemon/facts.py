"""What metrics say of the machine and of this process, read from /proc when asked."""

from __future__ import annotations

import os
import re
import socket
import time
from collections.abc import Iterator, Sequence
from ipaddress import IPv6Address, ip_address
from pathlib import Path

LARGEST = 1 << 20
"""Bytes of a file below /proc that are read."""
MOST_INTERFACES = 256

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")


def _read(path: str) -> str:
    """The text, "" when it cannot be read."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read(LARGEST).decode(errors="replace")
    except OSError:
        return ""


def boot_time() -> int:
    """Nanoseconds since the epoch."""
    match = re.search(r"^btime (\d{1,12})$", _read("/proc/stat"), re.MULTILINE)
    return int(match[1]) * 1_000_000_000 if match else 0


def memory() -> dict[str, int]:
    """Of this process, in KiB: rss, vsz, pss."""
    statm = _read("/proc/self/statm").split()
    pss = re.search(r"^Pss:\s+(\d+) kB", _read("/proc/self/smaps_rollup"), re.MULTILINE)
    return {
        "vsz": int(statm[0]) * _PAGE >> 10 if statm else 0,
        "rss": int(statm[1]) * _PAGE >> 10 if len(statm) > 1 else 0,
        "pss": int(pss[1]) if pss else 0,
    }


def container_memory() -> int:
    """Bytes used by the control group of this process."""
    for path in ("/sys/fs/cgroup/memory/memory.usage_in_bytes", "/sys/fs/cgroup/memory.current"):
        text = _read(path).strip()
        if text.isdigit():
            return int(text)
    return 0


def host_memory() -> int:
    """KiB in use."""
    found = dict(re.findall(r"^(\w+):\s+(\d+) kB$", _read("/proc/meminfo"), re.MULTILINE))
    free = sum(int(found.get(name, 0)) for name in ("MemFree", "Buffers", "Cached", "SReclaimable"))
    return max(int(found.get("MemTotal", 0)) - free, 0)


def processes_running() -> int:
    """On all processors."""
    match = re.search(r"^procs_running (\d+)$", _read("/proc/stat"), re.MULTILINE)
    return int(match[1]) if match else 0


def open_files() -> int:
    """On the host."""
    words = _read("/proc/sys/fs/file-nr").split()
    return int(words[0]) if words and words[0].isdigit() else 0


class Load:
    """Percentages of a processor's time: of this process since its start, of the host since the last look."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._host = self._ticks()

    def process(self) -> float:
        """One decimal."""
        spent = os.times()
        return round((spent.user + spent.system) / max(time.monotonic() - self._start, 0.001) * 100, 1)

    def host(self) -> float:
        """One decimal; of all processors together."""
        before, self._host = self._host, self._ticks()
        total = sum(self._host) - sum(before)
        idle = sum(self._host[3:5]) - sum(before[3:5])
        return round(max(total - idle, 0) / total * 100, 1) if total > 0 else 0.0

    def _ticks(self) -> list[int]:
        words = _read("/proc/stat").partition("\n")[0].split()
        return [int(word) for word in words[1:9] if word.isdigit()]


def addresses() -> Iterator[tuple[str, str, list[str]]]:
    """Of each network interface but the loopback: name, `ipv4` or `ipv6`, addresses."""
    four: dict[str, list[str]] = {}
    for index, name in socket.if_nameindex()[:MOST_INTERFACES]:
        del index
        if name != "lo" and (address := _ipv4(name)):
            four.setdefault(name, []).append(address)
    for name, found in sorted(four.items()):
        yield name, "ipv4", found
    six: dict[str, list[str]] = {}
    for line in _read("/proc/net/if_inet6").splitlines()[: MOST_INTERFACES * 4]:
        words = line.split()
        if len(words) == 6 and words[5] != "lo" and re.fullmatch("[0-9a-f]{32}", words[0]):
            six.setdefault(words[5], []).append(groups(words[0]))
    for name, found in sorted(six.items()):
        yield name, "ipv6", found


def groups(digits: str) -> str:
    """32 hexadecimal digits as an address: plain groups, nothing left out, as the peer prints it."""
    address = ip_address(bytes.fromhex(digits))
    assert isinstance(address, IPv6Address)
    return ":".join(f"{int(group, 16):x}" for group in address.exploded.split(":"))


def _ipv4(interface: str) -> str:
    import fcntl
    import struct

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            answer = fcntl.ioctl(asking, 0x8915, struct.pack("256s", interface.encode()[:15]))  # SIOCGIFADDR
        except OSError:
            return ""
    return socket.inet_ntoa(answer[20:24])


def digests(paths: Sequence[str]) -> dict[str, str]:
    """SHA-256 of files that can be read, by path."""
    import hashlib  # brings a library of 4 MB

    found = {}
    for path in paths:
        try:
            found[path] = hashlib.sha256(Path(path).read_bytes()).hexdigest()
        except OSError:
            continue
    return found


def plain(name: str) -> str:
    """A name as part of a metric's: other characters than letters, digits, `_` and `:` are one `_`."""
    text = re.sub("_+", "_", re.sub("[^a-zA-Z0-9_:]", "_", name))
    return text.removesuffix("_")
