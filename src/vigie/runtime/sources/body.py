"""Bodies of requests, whole and in bounds: by length, in chunks, compressed, within a time."""

from __future__ import annotations

import io
import socket
import time
import zlib
from collections.abc import Callable
from email.message import Message
from io import BufferedIOBase

PIECE = 64 << 10
LONGEST_LINE = 4096
MOST_TRAILERS = 64
FOR_ANSWER = 10.0
"""Seconds that an answer may wait for its reader."""


class Unreadable(Exception):
    """The body breaks the rules of HTTP or ours. status: what to answer."""

    def __init__(self, what: str, status: int = 400) -> None:
        super().__init__(what)
        self.status = status


class TooSlow(OSError):
    """What was to come did not come in time."""


class Deadline(io.RawIOBase):
    """Reads from a socket until a point in time, however small the pieces are that keep coming."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._until = time.monotonic()

    def set(self, seconds: float) -> None:
        """So many seconds from now."""
        self._until = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        left = self._until - time.monotonic()
        if left <= 0:
            raise TooSlow
        self._connection.settimeout(left)
        try:
            return self._connection.recv_into(buffer)
        except TimeoutError as error:
            raise TooSlow from error
        finally:
            self._connection.settimeout(FOR_ANSWER)


def timed_reader(connection: socket.socket) -> tuple[Deadline, io.BufferedReader]:
    """A reader of a socket and the deadline it heeds."""
    raw = Deadline(connection)
    return raw, io.BufferedReader(raw)


def encoding_of(headers: Message) -> str:
    """`gzip` or nothing. Raises Unreadable for other encodings."""
    encoding = str(headers.get("Content-Encoding", "")).strip().lower()
    if encoding in ("", "identity"):
        return ""
    if encoding in ("gzip", "x-gzip"):
        return "gzip"
    raise Unreadable("only gzip is understood as Content-Encoding", 415)


def read_body(source: BufferedIOBase, headers: Message, limit: int, more: Callable[[int], bool]) -> bytes:
    """A body of at most `limit` bytes. more: asked before memory is taken, by number of bytes. Raises Unreadable;
    BlockingIOError when `more` refuses; TooSlow."""
    lengths = headers.get_all("Content-Length", [])
    transfer = headers.get_all("Transfer-Encoding", [])
    if transfer:
        if lengths or [str(one).strip().lower() for one in transfer] != ["chunked"]:
            raise Unreadable("Transfer-Encoding is chunked, or absent, and then there is no Content-Length")
        return _chunks(source, limit, more)
    if not lengths:
        raise Unreadable("Content-Length or chunks are needed", 411)
    text = str(lengths[0]).strip()
    if len(lengths) > 1 or not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise Unreadable("Content-Length is no number")
    length = int(text)
    _within(length, limit)
    whole = bytearray()
    _exactly(source, length, more, whole)
    return bytes(whole)


def inflated(body: bytes, limit: int, more: Callable[[int], bool]) -> bytes:
    """What gzip holds, at most `limit` bytes. Raises as `read_body` does."""
    whole = bytearray()
    stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
    for start in range(0, len(body), PIECE):
        rest = body[start : start + PIECE]
        while rest and not stream.eof:
            try:
                piece = stream.decompress(rest, PIECE)
            except zlib.error as error:
                raise Unreadable("the body is no gzip") from error
            _within(len(whole) + len(piece), limit)
            _ask(more, len(piece))
            whole += piece
            rest = stream.unconsumed_tail
    # What is left inside once the input has ended, at most one more piece for each byte of it.
    while not stream.eof and (piece := stream.decompress(b"", PIECE)):
        _within(len(whole) + len(piece), limit)
        _ask(more, len(piece))
        whole += piece
    if not stream.eof:
        raise Unreadable("the gzip of the body is cut off")
    if stream.unused_data:
        raise Unreadable("something follows the gzip of the body")
    return bytes(whole)


def _exactly(source: BufferedIOBase, length: int, more: Callable[[int], bool], whole: bytearray) -> None:
    """Memory is taken as bytes arrive, not as they are promised."""
    while length > 0:
        size = min(length, PIECE)
        _ask(more, size)
        piece = source.read(size)
        if len(piece) < size:
            raise Unreadable("the body is cut off")
        whole += piece
        length -= size


def _chunks(source: BufferedIOBase, limit: int, more: Callable[[int], bool]) -> bytes:
    whole = bytearray()
    while True:
        text = _line(source).partition(b";")[0].strip()
        if not 0 < len(text) <= 16 or not all(byte in b"0123456789abcdefABCDEF" for byte in text):
            raise Unreadable("a chunk's size is no number")
        size = int(text, 16)
        if size == 0:
            break
        _within(len(whole) + size, limit)
        _exactly(source, size, more, whole)
        if _line(source):
            raise Unreadable("a chunk is longer than it says")
    for _ in range(MOST_TRAILERS):
        if not _line(source):
            return bytes(whole)
    raise Unreadable("too many lines behind the last chunk")


def _line(source: BufferedIOBase) -> bytes:
    line = source.readline(LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise Unreadable("the body is cut off")
    return line.rstrip(b"\r\n")


def _within(length: int, limit: int) -> None:
    if length > limit:
        raise Unreadable(f"the body is longer than {limit} bytes")


def _ask(more: Callable[[int], bool], size: int) -> None:
    if not more(size):
        raise BlockingIOError("no memory for the body now")
