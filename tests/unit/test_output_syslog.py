"""Alerts in the system's log, as RFC 3164 has messages."""

from __future__ import annotations

import logging
import os
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from alert_outputs import alert, batch, line
from vigie.alerts.line import LineFormat
from vigie.alerts.outputs.syslog import SHORT, SyslogOutput, message
from vigie.alerts.router import Router
from vigie.alerts.system_log import SystemLog
from vigie.model.alert import Priority


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC-1")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def receiver(path: Path, kind: int = socket.SOCK_DGRAM) -> socket.socket:
    opened = socket.socket(socket.AF_UNIX, kind)
    opened.settimeout(5)
    opened.bind(str(path))
    if kind == socket.SOCK_STREAM:
        opened.listen()
    return opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log"


# RFC 3164, 4.1.1: the priority value is facility times 8 plus severity; user-level messages are facility 1; severities
# are 0 emergency to 7 debug. 4.1.2: the day stands in two places, with a blank before a single digit.
@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize(
    ("priority", "seconds", "begin"),
    [
        (Priority.Emergency, 0, "<8>Jan  1 01:00:00 vigie[17]: "),
        (Priority.Alert, 0, "<9>Jan  1 01:00:00 vigie[17]: "),
        (Priority.Critical, 0, "<10>Jan  1 01:00:00 vigie[17]: "),
        (Priority.Error, 1795295420, "<11>Nov 21 22:10:20 vigie[17]: "),
        (Priority.Warning, 0, "<12>Jan  1 01:00:00 vigie[17]: "),
        (Priority.Notice, 0, "<13>Jan  1 01:00:00 vigie[17]: "),
        (Priority.Informational, 0, "<14>Jan  1 01:00:00 vigie[17]: "),
        (Priority.Debug, 0, "<15>Jan  1 01:00:00 vigie[17]: "),
    ],
)
def test_a_message(priority: Priority, seconds: float, begin: str) -> None:
    assert message(priority, "22:10:20.0: Error é\udcff\0", seconds, 17) == f"{begin}22:10:20.0: Error é?".encode()


def test_each_alert_is_a_datagram(path: Path) -> None:
    with receiver(path) as log:
        router = Router([SyslogOutput(path=str(path))], LineFormat(iso=True))
        router.send([alert(1), alert(2)])
        router.close()
        for number in (1, 2):
            got = log.recv(65536).decode()
            stamp, _, text = got.partition(f" vigie[{os.getpid()}]: ")
            assert re.fullmatch(r"<13>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d", stamp)
            assert text == line(number)


def test_a_stream_has_messages_that_end_with_a_nul(path: Path) -> None:
    with receiver(path, socket.SOCK_STREAM) as listener:
        output = SyslogOutput(path=str(path))
        output.send(batch("one", "two", priority=Priority.Critical))
        output.close()
        with listener.accept()[0] as log:
            got = b""
            while more := log.recv(65536):
                got += more
    first, second, end = got.split(b"\0")
    assert first.startswith(b"<10>")
    assert first.endswith(b"]: one")
    assert second.endswith(b"]: two")
    assert end == b""


def test_a_receiver_that_was_started_anew_loses_nothing(path: Path) -> None:
    output = SyslogOutput(path=str(path))
    with receiver(path) as log:
        output.send(batch("one"))
        assert log.recv(65536).endswith(b"one")
    path.unlink()
    with receiver(path) as log:
        output.send(batch("two"))
        assert log.recv(65536).endswith(b"two")
    output.close()


def test_no_receiver(path: Path) -> None:
    output = SyslogOutput(path=str(path))
    with pytest.raises(OSError, match=re.escape(f"{path}: No such file or directory")):
        output.send(batch("one"))
    with receiver(path) as log:
        output.send(batch("two"))
        assert log.recv(65536).endswith(b"two")
    with pytest.raises(OSError, match="Connection refused"):
        output.send(batch("three"))


def test_a_receiver_that_reads_nothing_has_a_time_out(path: Path) -> None:
    with receiver(path):
        output = SyslogOutput(path=str(path), seconds=0.1)
        begin = time.monotonic()
        with pytest.raises(TimeoutError):
            for _ in range(100_000):
                output.send(batch("x" * 1000))
        assert 0.1 <= time.monotonic() - begin < 3
        output.close()


def test_a_message_that_is_too_long_is_cut(path: Path) -> None:
    with receiver(path) as log:
        output = SyslogOutput(path=str(path))
        output.send(batch("é" * 4_000_000, priority=Priority.Warning))
        got = log.recv(1 << 20)
        output.close()
    assert got.startswith(b"<12>")
    assert SHORT - 2 <= len(got) <= SHORT
    assert got.decode().endswith("éé [cut]")


def test_log_lines_go_there_too(path: Path) -> None:
    # RFC 3164, 4.1.1: 2 critical, 3 error, 4 warning, 6 informational, 7 debug.
    logger = logging.Logger("vigie.test", logging.DEBUG)
    handler = SystemLog(str(path))
    logger.addHandler(handler)
    logger.warning("nobody listens")
    with receiver(path) as log:
        logger.critical("one %d", 1)
        logger.error("two\nlines\x1b[2J")
        logger.warning("three")
        logger.info("four")
        logger.debug("five")
        got = [log.recv(65536).decode() for _ in range(5)]
    assert [one.partition(">")[0] for one in got] == ["<10", "<11", "<12", "<14", "<15"]
    assert [one.partition("]: ")[2] for one in got] == ["one 1", "two lines", "three", "four", "five"]
    handler.close()


def test_log_lines_wait_for_nobody(path: Path) -> None:
    logger = logging.Logger("vigie.test")
    handler = SystemLog(str(path))
    logger.addHandler(handler)
    with receiver(path):
        for _ in range(1000):
            begin = time.monotonic()
            logger.warning("x" * 1000)
            if time.monotonic() - begin >= 0.05:
                break
        else:
            pytest.fail("the receiver's queue never was full")
        assert time.monotonic() - begin < 0.5
        handler.close()
