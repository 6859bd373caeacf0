"""A rule met an event."""

from enum import IntEnum
from typing import TypeAlias

from msgspec import Struct

FieldValue: TypeAlias = bool | int | float | str | list["FieldValue"] | None
"""What a field holds: None when it has no value in the event."""


class Priority(IntEnum):
    """How much a rule's author thinks a match matters; a smaller number matters more. Names are printed as here."""

    Emergency = 0
    Alert = 1
    Critical = 2
    Error = 3
    Warning = 4
    Notice = 5
    Informational = 6
    Debug = 7


class Alert(Struct, frozen=True, kw_only=True):
    """One match, ready to be sent.

    time: nanoseconds since the epoch, of the event. source: `syscall`, `k8s_audit` or `internal`. message: the rule's
    output, filled in. fields: the output's fields and the extra ones by name, typed. tags: sorted.
    """

    time: int
    rule: str
    priority: Priority
    source: str
    message: str
    fields: dict[str, FieldValue]
    tags: tuple[str, ...] = ()
    hostname: str = ""


class InternalAlert(Struct, frozen=True, kw_only=True):
    """What the watch says of itself: dropped events, metrics, settings that could not be loaded.

    time: nanoseconds since the epoch. text: the sentence. fields: values by name.
    """

    time: int
    rule: str
    priority: Priority
    text: str
    fields: dict[str, FieldValue]
    hostname: str = ""
