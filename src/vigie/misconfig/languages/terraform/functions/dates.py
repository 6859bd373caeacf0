"""Dates and times. The present is unknown, so that results are the same every time."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from fractions import Fraction

from vigie.misconfig.languages.terraform.values import FunctionError
from vigie.misconfig.value import Unknown

_STAMP = r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d{1,9})?(?:([Zz])|([+-])(\d\d):(\d\d))"
_UNITS: dict[str, Fraction | int] = {
    "h": 3600,
    "m": 60,
    "s": 1,
    "ms": Fraction(1, 10**3),
    "us": Fraction(1, 10**6),
    "ns": Fraction(1, 10**9),
}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def plantimestamp() -> Unknown:
    return Unknown("string")


def timestamp() -> Unknown:
    return Unknown("string")


def timeadd(stamp: str, duration: str) -> str:
    moment, nanoseconds = _parse(stamp)
    added = _duration(duration) + Fraction(nanoseconds, 10**9)
    try:
        moment += timedelta(seconds=int(added // 1))
    except OverflowError as error:
        raise FunctionError("no such date") from error
    return _rfc3339(moment)


def timecmp(left: str, right: str) -> int:
    first, second = _parse(left), _parse(right)
    return (first > second) - (first < second)


def formatdate(form: str, stamp: str) -> str:
    """A time in a form of letters (`DD MMM YYYY`); text in quotes stands as it is."""
    moment, _ = _parse(stamp)
    words = []
    for found in re.finditer(r"'((?:[^']|'')*)'|'|([A-Za-z])\2*|[^A-Za-z']+", form):
        if found[2]:
            words.append(_field(found[0], moment))
        elif found[0] == "'":
            raise FunctionError("a quote without its end")
        else:
            words.append(found[0] if found[1] is None else found[1].replace("''", "'") or "'")
    return "".join(words)


def _field(letters: str, moment: datetime) -> str:
    offset = moment.utcoffset() or timedelta()
    sign = "-" if offset < timedelta() else "+"
    hours, minutes = divmod(abs(int(offset.total_seconds())) // 60, 60)
    zone = f"{sign}{hours:02}:{minutes:02}"
    compact = f"{sign}{hours:02}{minutes:02}"
    fields = {
        "YYYY": f"{moment.year:04}",
        "YY": f"{moment.year % 100:02}",
        "MMMM": _MONTHS[moment.month - 1],
        "MMM": _MONTHS[moment.month - 1][:3],
        "MM": f"{moment.month:02}",
        "M": str(moment.month),
        "DD": f"{moment.day:02}",
        "D": str(moment.day),
        "EEEE": _DAYS[moment.weekday()],
        "EEE": _DAYS[moment.weekday()][:3],
        "hh": f"{moment.hour:02}",
        "h": str(moment.hour),
        "HH": f"{moment.hour % 12 or 12:02}",
        "H": str(moment.hour % 12 or 12),
        "AA": "PM" if moment.hour >= 12 else "AM",
        "aa": "pm" if moment.hour >= 12 else "am",
        "mm": f"{moment.minute:02}",
        "m": str(moment.minute),
        "ss": f"{moment.second:02}",
        "s": str(moment.second),
        "ZZZZZ": zone,
        "ZZZZ": compact,
        "ZZZ": compact if offset else "UTC",
        "Z": zone if offset else "Z",
    }
    if letters not in fields:
        raise FunctionError(f"{letters} is no part of a date; text stands in quotes")
    return fields[letters]


def _parse(stamp: str) -> tuple[datetime, int]:
    """The time to the second, and its nanoseconds."""
    found = re.fullmatch(_STAMP, stamp)
    if not found:
        raise FunctionError("a time of RFC 3339 is required, like 2017-11-22T00:00:00Z")
    offset = timedelta()
    if found[9]:
        offset = timedelta(hours=int(found[10]), minutes=int(found[11])) * (-1 if found[9] == "-" else 1)
    try:
        moment = datetime(*(int(found[at]) for at in range(1, 7)), tzinfo=timezone(offset))  # type: ignore[arg-type,misc]
    except ValueError as error:
        raise FunctionError("no such date") from error
    return moment, int((found[7] or ".0")[1:].ljust(9, "0"))


def _duration(text: str) -> Fraction:
    """Seconds of `1h30m`, `-10m`, `1.5s`."""
    sign, rest = (-1, text[1:]) if text[:1] == "-" else (1, text.removeprefix("+"))
    if rest == "0":
        return Fraction(0)
    if not re.fullmatch(r"(?:(?:\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})(?:h|ms|m|s|us|µs|μs|ns))+", rest):
        raise FunctionError("a duration is required, like 1h30m")
    total = Fraction(0)
    for amount, unit in re.findall(r"([\d.]+)([a-zµμ]+)", rest):
        total += Fraction(amount.rstrip(".")) * _UNITS[unit.replace("µ", "u").replace("μ", "u")]
    return sign * total


def _rfc3339(moment: datetime) -> str:
    text = moment.isoformat(timespec="seconds")
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text
