"""Files of accepted findings: `.trivyignore` (an id per line) and its YAML form (paths, purls, dates, reasons)."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

from vigie.errors import UsageError
from vigie.model.finding import Finding, Vulnerability
from vigie.model.purl import Purl, parse
from vigie.model.secret import Secret

DEFAULT = ".trivyignore"
SECTIONS = ("vulnerabilities", "misconfigurations", "secrets", "licenses")
KEYS = frozenset(("id", "paths", "purls", "expired_at", "statement"))
MAX_SIZE = 10 << 20
_ID = re.compile(r"[A-Za-z0-9][\w.:/+@-]*")
log = logging.getLogger(__name__)


class Entry(Struct, frozen=True):
    """One accepted finding. kind: the section it stands in, "" for findings of all kinds. Empty paths or purls:
    everywhere. expires: the first day on which it no longer counts."""

    id: str
    kind: str = ""
    paths: tuple[str, ...] = ()
    purls: tuple[str, ...] = ()
    expires: date | None = None
    statement: str = ""


class IgnoreList(Struct, frozen=True):
    """The entries of one file by finding id in lower case. source: the file, as shown beside what it accepts."""

    source: str = ""
    entries: Mapping[str, tuple[Entry, ...]] = {}

    def match(self, finding: Finding, target: str, today: date) -> Entry | None:
        """The entry that accepts this finding in the result `target`, if any. Expired entries accept nothing."""
        if not self.entries:
            return None
        if isinstance(finding, Vulnerability):
            names: tuple[str, ...] = (finding.id,)
            paths: tuple[str, ...] = (target, finding.package.path)
            kind, purl = "vulnerabilities", finding.package.purl
        else:
            names, paths = finding.names, (target, target.lstrip("/"))
            kind, purl = "secrets" if isinstance(finding, Secret) else "misconfigurations", ""
        for name in names:
            for entry in self.entries.get(name.lower(), ()):
                if entry.kind not in ("", kind) or (entry.expires is not None and entry.expires <= today):
                    continue
                if kind == "vulnerabilities" and entry.id != name:
                    continue
                if _path_matches(entry.paths, paths) and _purl_matches(entry.purls, purl):
                    return entry
        return None


def load(path: str) -> IgnoreList:
    """Reads the file; by its extension as YAML or as lines. The default file may be absent, any other may not.

    Raises UsageError naming file and line of what cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_SIZE + 1)
    except FileNotFoundError:
        if path == DEFAULT:
            return IgnoreList()
        raise UsageError(f"the ignore file {path} does not exist", "see --ignorefile") from None
    except OSError as error:
        raise UsageError(f"the ignore file {path} could not be read: {(error.strerror or '').lower()}") from error
    if len(data) > MAX_SIZE:
        raise UsageError(f"the ignore file {path} is larger than 10 MB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UsageError(f"{path}:{line}: not UTF-8 text") from None
    read = _yaml if os.path.splitext(path)[1].lower() in (".yaml", ".yml") else _lines  # noqa: PTH122
    by_id: dict[str, list[Entry]] = {}
    for entry in read(text, path):
        by_id.setdefault(entry.id.lower(), []).append(entry)
    return IgnoreList(path, {id_: tuple(entries) for id_, entries in by_id.items()})


def _lines(text: str, path: str) -> Iterator[Entry]:
    """`ID [exp:YYYY-MM-DD] [remark or # remark]`, one a line."""
    for number, line in enumerate(text.splitlines(), 1):
        body, _, remark = line.partition("#")
        words = body.split()
        if not words:
            continue
        where = f"{path}:{number}"
        if not _ID.fullmatch(words[0]):
            raise UsageError(f"{where}: {words[0][:60]!r} is no id of a finding", "one id a line, remarks behind #")
        expires = None
        for word in words[1:]:
            if word.lower().startswith("exp:"):
                expires = _date(word[4:], where)
        rest = " ".join(word for word in words[1:] if not word.lower().startswith("exp:"))
        yield Entry(words[0], expires=expires, statement=" ".join(filter(None, (rest, remark.strip()))))


def _date(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{where}: {text[:40]!r} is no date", "write it as YYYY-MM-DD") from None


def _yaml(text: str, path: str) -> Iterator[Entry]:
    """Sections of mappings."""
    import yaml

    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise UsageError(f"{path}:{mark.line + 1 if mark else 1}: {error.problem or 'not valid YAML'}") from None
    except (yaml.YAMLError, RecursionError):
        raise UsageError(f"{path}: not valid YAML") from None
    if root is None:
        return
    for section, items in _pairs(root, path, "the file"):
        if section.value not in SECTIONS:
            log.warning("%s:%d: %s is not known and is passed over", path, _line(section), section.value)
            continue
        for item in _sequence(items, path, section.value):
            yield _entry(item, path, section.value)


def _entry(item: Any, path: str, kind: str) -> Entry:
    fields: dict[str, Any] = {"kind": kind}
    for key, value in _pairs(item, path, "an entry"):
        if key.value not in KEYS:
            log.warning("%s:%d: %s is not known and is passed over", path, _line(key), key.value)
        elif key.value in ("paths", "purls"):
            fields[key.value] = tuple(_text(each, path, key.value) for each in _sequence(value, path, key.value))
        elif key.value == "expired_at":
            fields["expires"] = _moment(_text(value, path, "expired_at"), f"{path}:{_line(value)}")
        else:
            fields[key.value] = _text(value, path, key.value)
    if not fields.get("id"):
        raise UsageError(f"{path}:{_line(item)}: an entry has no id")
    for text in fields.get("purls", ()):
        try:
            parse(text)
        except ValueError as error:
            raise UsageError(f"{path}:{_line(item)}: {text[:80]!r} is no package URL: {error}") from None
    return Entry(**fields)


def _moment(text: str, where: str) -> date:
    """A date, or the date of a timestamp."""
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return _date(text, where)


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1


def _pairs(node: Any, path: str, what: str) -> Iterable[tuple[Any, Any]]:
    if node.id != "mapping" or any(key.id != "scalar" for key, _ in node.value):
        raise UsageError(f"{path}:{_line(node)}: {what} must be a mapping of names to values")
    pairs: list[tuple[Any, Any]] = node.value
    return pairs


def _sequence(node: Any, path: str, what: str) -> Iterable[Any]:
    if node.id == "scalar" and node.value in ("", "~", "null"):
        return ()
    if node.id != "sequence":
        raise UsageError(f"{path}:{_line(node)}: {what} must be a list")
    nodes: list[Any] = node.value
    return nodes


def _text(node: Any, path: str, what: str) -> str:
    if node.id != "scalar":
        raise UsageError(f"{path}:{_line(node)}: {what} must be a text")
    return str(node.value)


def _path_matches(patterns: Iterable[str], paths: Iterable[str]) -> bool:
    patterns = tuple(patterns)
    return not patterns or any(glob(p).fullmatch(path) for p in patterns for path in paths if path)


def _purl_matches(patterns: Iterable[str], text: str) -> bool:
    """Whether any pattern names this package: type, namespace and name are equal, the rest where a pattern says it."""
    patterns = tuple(patterns)
    if not patterns:
        return True
    try:
        package = parse(text)
    except ValueError:
        return False
    return any(_covers(parse(pattern), package) for pattern in patterns)


def _covers(pattern: Purl, package: Purl) -> bool:
    return (
        (pattern.type, pattern.namespace, pattern.name) == (package.type, package.namespace, package.name)
        and pattern.version in ("", package.version)
        and set(pattern.qualifiers) <= set(package.qualifiers)
        and pattern.subpath in ("", package.subpath)
    )


_GLOB = re.compile(r"\*\*/|/\*\*$|\*\*|\*|\?|\[!?[^\]]+\]|\{[^{}]*\}|.", re.DOTALL)


def glob(pattern: str) -> re.Pattern[str]:
    """A pattern where `*` stays inside a folder name, `**` crosses, and `{a,b}` are alternatives."""
    return re.compile("".join(_piece(piece) for piece in _GLOB.findall(pattern.removeprefix("./"))), re.DOTALL)


def _piece(piece: str) -> str:
    fixed = {"**/": "(?:.*/)?", "/**": "(?:/.*)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    if piece in fixed:
        return fixed[piece]
    if piece.startswith("[") and len(piece) > 2:
        inner = piece[1:-1].replace("\\", "\\\\")
        return f"[^{inner[1:]}]" if inner[0] in "!^" else f"[{inner}]"
    if piece.startswith("{") and len(piece) > 1:
        parts = ("".join(_piece(p) for p in _GLOB.findall(part)) for part in piece[1:-1].split(","))
        return f"(?:{'|'.join(parts)})"
    return re.escape(piece)
