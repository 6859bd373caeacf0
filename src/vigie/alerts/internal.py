"""What the watch says of itself, as one line: other than alerts of rules, as with the peer.

Source: the peer's documented format. Text has local time whatever the form says, and all fields in brackets; JSON has
neither tags nor a message, and its parts are not switched.
"""

from __future__ import annotations

import re

import msgspec

from vigie.alerts.line import LineFormat, clock, instant
from vigie.model.alert import InternalAlert

_JSON = msgspec.json.Encoder(order="sorted")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


def write(alert: InternalAlert, form: LineFormat) -> str:
    """The line, without its end."""
    if not form.json:
        fields = " ".join(f"{name}={_encoded(alert.fields[name])}" for name in sorted(alert.fields, key=str.encode))
        return _one_line(f"{clock(alert.time)}: {alert.priority.name} {alert.text} ({fields})")
    return _encoded(
        {
            "hostname": alert.hostname,
            "output": alert.text,
            "output_fields": alert.fields,
            "priority": alert.priority.name,
            "rule": alert.rule,
            "source": "internal",
            "time": f"{instant(alert.time)}Z",
        }
    )


def _encoded(value: object) -> str:
    return _JSON.encode(value).decode()


def _one_line(text: str) -> str:
    """The peer escapes nothing here; an error message of several lines must not look like several alerts."""
    return _CONTROLS.sub(lambda found: _encoded(found[0])[1:-1] if found[0] != "\x7f" else "\\u007f", text)
