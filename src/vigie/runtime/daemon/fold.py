"""Alerts that repeat are told once in a window, and counted.

Two alerts say the same when rule and output fields are equal, apart from fields that are never equal: times, numbers of
events, process and thread ids, descriptors' numbers, memory. The first goes out as it is; at the end of the window the
last of the others follows with a count. Nothing waits that was not told once, so a crash loses no more than counts.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence

import msgspec
from msgspec import Struct

from vigie.model.alert import Alert

COUNT, SECONDS = "vigie.repeated", "vigie.repeated_seconds"
"""Output fields of the alert at the end of a window: how many it stands for, in how many seconds."""

_CHANGING = """
    evt.time evt.time.s evt.time.iso8601 evt.datetime evt.datetime.s evt.rawtime evt.rawtime.s evt.rawtime.ns
    evt.reltime evt.reltime.s evt.reltime.ns evt.deltatime evt.deltatime.s evt.deltatime.ns evt.outputtime
    evt.latency evt.latency.s evt.latency.ns evt.latency.human evt.latency.quantized evt.wait_latency
    evt.num evt.cpu evt.count evt.rawres jevt.rawtime json.rawtime
    proc.pid proc.ppid proc.vpid proc.pvpid proc.sid proc.pgid proc.vpgid proc.loginshellid
    proc.duration proc.ppid.duration proc.pid.ts proc.ppid.ts proc.pidns_init_start_ts
    proc.exe_ino.ctime_duration_proc_start proc.exe_ino.ctime_duration_pidns_start
    proc.nchilds proc.nthreads proc.fdopencount proc.vmsize proc.vmrss proc.vmswap
    thread.tid thread.vtid thread.nametid thread.vmsize thread.vmsize.b thread.vmrss thread.vmrss.b
    thread.pfmajor thread.pfminor fd.num fd.uid fd.cport container.host_pid container.duration ka.auditid
"""
CHANGING = frozenset(_CHANGING.split())
"""Fields that do not make an alert another one."""

CHANGING_KINDS = ("proc.apid[",)

_CLIENT_PORT = re.compile(r"(\S+):\d{1,5}->(\S+)")
"""Of a connection's name: the client's port is another one each time."""


class _Group(Struct):
    begin: float
    count: int = 0
    last: Alert | None = None


class Fold:
    """Remembers at most `most` different alerts; when there are more, the oldest window ends early. clock: seconds,
    monotonic. Not for several threads at once."""

    def __init__(self, window: float, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.window, self.most, self._clock = window, most, clock
        self._groups: OrderedDict[bytes, _Group] = OrderedDict()
        self.folded = 0
        """Alerts that were not told one by one."""

    def __call__(self, alerts: Sequence[Alert]) -> list[Alert]:
        """What of these, and of those before whose window is over, is to be told."""
        now = self._clock()
        told = list(self._over(now))
        for alert in alerts:
            name = key(alert)
            group = self._groups.get(name)
            if group is None:
                told.append(alert)
                self._groups[name] = _Group(now)
                if len(self._groups) > self.most:
                    told += self._end(self._groups.popitem(last=False)[1], now)
            else:
                group.count += 1
                group.last = alert
                self.folded += 1
        return told

    def all(self) -> list[Alert]:
        """Ends all windows: what is still to be told."""
        now = self._clock()
        told = [alert for group in self._groups.values() for alert in self._end(group, now)]
        self._groups.clear()
        return told

    def __len__(self) -> int:
        return len(self._groups)

    def _over(self, now: float) -> Iterator[Alert]:
        """Windows end in the order in which they began."""
        while self._groups:
            name, group = next(iter(self._groups.items()))
            if now - group.begin < self.window:
                return
            del self._groups[name]
            yield from self._end(group, now)
            if group.count:
                # It goes on: the next one is not told as if it were the first.
                self._groups[name] = _Group(now)

    def _end(self, group: _Group, now: float) -> list[Alert]:
        alert = group.last
        if alert is None:
            return []
        seconds = round(now - group.begin, 3)
        return [
            msgspec.structs.replace(
                alert,
                message=f"{alert.message} (repeated {group.count} times in {seconds:g} s)",
                fields={**alert.fields, COUNT: group.count, SECONDS: seconds},
            )
        ]


_ENCODER = msgspec.msgpack.Encoder(order="sorted")


def key(alert: Alert) -> bytes:
    """Equal for alerts that say the same."""
    from hashlib import blake2b

    kept = {
        name: _CLIENT_PORT.sub(r"\1->\2", value) if name == "fd.name" and isinstance(value, str) else value
        for name, value in alert.fields.items()
        if name not in CHANGING and not name.startswith(CHANGING_KINDS)
    }
    # Hashed: what is remembered must not grow with what strangers put into fields.
    return blake2b(_ENCODER.encode((alert.source, alert.rule, kept)), digest_size=16).digest()
