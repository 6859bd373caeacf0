"""The bytes of protocol buffers and of HTTP/2, also of those who send something else."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from servers.fake_runtime import listening
from vigie.runtime.containers.engine import EngineError
from vigie.runtime.containers.grpc import Grpc
from vigie.runtime.containers.protobuf import Message, field


def test_the_wire_format() -> None:
    # the examples of protobuf.dev, “Encoding”
    assert field(1, 150) == bytes.fromhex("089601")
    assert field(2, "testing") == bytes.fromhex("120774657374696e67")
    assert field(3, field(1, 150)) == bytes.fromhex("1a03089601")
    message = Message(bytes.fromhex("089601120774657374696e671a03089601"))
    assert (message.number(1), message.text(2), message.message(3).number(1)) == (150, "testing", 150)
    assert Message(bytes.fromhex("08feffffffffffffffff01")).number(1) == -2
    fixed = Message(bytes.fromhex("0d010000001102000000000000001801"))
    assert (fixed.flag(3), fixed.number(1)) == (True, 0)
    assert (message.text(9), message.number(2), message.text(1), message.messages(9, 5)) == ("", 0, "", [])
    assert Message(field(4, field(1, "a") + field(2, "b")) + field(4, field(1, "c"))).pairs(4) == {"a": "b", "c": ""}


@pytest.mark.parametrize("junk", ["08", "0880808080808080808080ff01", "12ff01", "1205616263", "0b", "0f", "1280"])
def test_what_is_no_message(junk: str) -> None:
    with pytest.raises(EngineError, match="cannot be understood"):
        Message(bytes.fromhex(junk))


PREFACE = b"\0\0\0\4\0\0\0\0\0"
HEADERS = b"\0\0\1\1\4\0\0\0\1\x88"


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n" + b"x" * 100, "cannot be understood|ended the connection"),
        (b"\xff" * 200_000, "cannot be understood|ended the connection"),
        (PREFACE + b"\xff\xff\xff\0\0\0\0\0\1", "cannot be understood|ended the connection"),
        (PREFACE + b"\0\0\4\3\0\0\0\0\1\0\0\0\2", "ended the call"),
        (PREFACE + b"\0\0\10\7\0\0\0\0\0" + b"\0" * 8, "ended the call"),
        (PREFACE + HEADERS + b"\0\0\5\0\1\0\0\0\1" + b"\0\x7f\xff\xff\xff", "too long"),
        (PREFACE + HEADERS + b"\0\0\6\0\1\0\0\0\1" + b"\1\0\0\0\1x", "cannot be understood"),
        (PREFACE + HEADERS + b"\0\0\4\0\1\0\0\0\1" + b"\0\0\0\1", "cannot be understood"),
        (PREFACE + HEADERS, "ended the connection"),
        (b"", "ended the connection"),
        (PREFACE * 1_100_000, "too long|did not answer within 1 s"),
    ],
)
def test_http2_junk(tmp_path: Path, sent: bytes, why: str) -> None:
    def junk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(sent)

    with listening(tmp_path / "junk.sock", junk):
        begin = time.monotonic()
        with pytest.raises(EngineError, match=why):
            Grpc(str(tmp_path / "junk.sock"), 1).unary("/s/M", b"")
        assert time.monotonic() - begin < 3
