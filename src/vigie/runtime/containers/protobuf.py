"""The wire format of protocol buffers, as much as runtimes' messages need of it (protobuf.dev, “Encoding”).

Messages are read without a schema: who reads a field knows its number. Of a field of another type nothing is read.
"""

from __future__ import annotations

from vigie.runtime.containers.container import MAX_TEXT
from vigie.runtime.containers.engine import EngineError

MAX_FIELDS = 100_000
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_WIDTHS = {_FIXED64: 8, _FIXED32: 4}


class Message:
    """One message. Raises EngineError when the bytes are none."""

    def __init__(self, data: bytes = b"") -> None:
        self._fields: dict[int, list[int | bytes]] = {}
        at = count = 0
        while at < len(data):
            count += 1
            key, at = _varint(data, at)
            value: int | bytes
            if key & 7 == _VARINT:
                value, at = _varint(data, at)
            else:
                width = _WIDTHS.get(key & 7, -1)
                if key & 7 == _BYTES:
                    width, at = _varint(data, at)
                if width < 0 or width > len(data) - at or count > MAX_FIELDS:
                    raise EngineError("gave an answer that cannot be understood")
                value = data[at : at + width]
                at += width
            self._fields.setdefault(key >> 3, []).append(value)

    def data(self, field: int) -> bytes:
        """The bytes of a field, the last one when it is there more than once; empty when it is not there."""
        value = self._fields.get(field, [b""])[-1]
        return value if isinstance(value, bytes) else b""

    def text(self, field: int, longest: int = MAX_TEXT) -> str:
        return self.data(field).decode("utf-8", "replace")[:longest]

    def number(self, field: int) -> int:
        """A whole number of 64 bits, signed; 0 when it is not there."""
        value = self._fields.get(field, [0])[-1]
        value = value if isinstance(value, int) else 0
        return value - (1 << 64) if value >= 1 << 63 else value

    def flag(self, field: int) -> bool:
        return self.number(field) != 0

    def message(self, *fields: int) -> Message:
        """The message below a path of fields, empty when it is not there."""
        found = self
        for field in fields:
            found = Message(found.data(field))
        return found

    def messages(self, field: int, limit: int) -> list[Message]:
        """The messages of a repeated field, at most so many."""
        return [Message(value) for value in self._fields.get(field, [])[:limit] if isinstance(value, bytes)]

    def pairs(self, field: int, limit: int = 1000) -> dict[str, str]:
        """A map of texts, at most so many; values of any length."""
        entries = self.messages(field, limit)
        return {entry.text(1): entry.text(2, 4 << 20) for entry in entries}


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & (1 << 64) - 1, at
    raise EngineError("gave an answer that cannot be understood")


def field(number: int, value: str | bytes | int) -> bytes:
    """A field of a message to send: text, the bytes of a message, a number or a flag."""
    if isinstance(value, int):
        return _written(number << 3 | _VARINT) + _written(value)
    data = value.encode() if isinstance(value, str) else value
    return _written(number << 3 | _BYTES) + _written(len(data)) + data


def _written(value: int) -> bytes:
    parts = bytearray()
    while value >= 0x80:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)
