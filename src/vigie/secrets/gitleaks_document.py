"""One file of gitleaks' configuration, read and checked, not yet brought together with what it extends.

Keys count in any case, one text stands for a list of one (or of several, with commas), unknown keys are told.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

import msgspec
from msgspec import Struct

from vigie.errors import RuleError
from vigie.secrets.go_expression import first_group, translate

HINT = "name another file with --secret-config"
MOST_PLACES = 200
"""Lines of a file that are looked for: each time the whole file is read."""


class Allowlist(Struct, frozen=True):
    """An `[allowlist]`, or one of `[[allowlists]]`."""

    id: str = ""
    description: str = ""
    condition: Literal["", "or", "||", "and", "&&"] = ""
    commits: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    regexes: tuple[str, ...] = ()
    regextarget: Literal["", "secret", "match", "line"] = ""
    stopwords: tuple[str, ...] = ()
    targetrules: tuple[str, ...] = ()


class Required(Struct, frozen=True):
    """Another rule that must find something near."""

    id: str = ""
    withinlines: int | None = None
    withincolumns: int | None = None


class GitleaksRule(Struct, frozen=True):
    """One of `[[rules]]`. None: it says nothing."""

    id: str = ""
    description: str = ""
    regex: str = ""
    path: str = ""
    secretgroup: int = 0
    entropy: float = 0.0
    keywords: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    skipreport: bool = False
    allowlist: Allowlist | None = None
    allowlists: tuple[Allowlist, ...] = ()
    required: tuple[Required, ...] = ()

    @property
    def lists(self) -> tuple[Allowlist, ...]:
        """Its allow lists, however they were written."""
        return (self.allowlist, *self.allowlists) if self.allowlist else self.allowlists

    def over(self, below: GitleaksRule) -> GitleaksRule:
        """The rule where it extends another of the same id: what it says counts, lists are added."""
        said = {name: getattr(self, name) or getattr(below, name) for name in self.__struct_fields__}
        said["keywords"] = (*below.keywords, *self.keywords)
        said["tags"] = (*below.tags, *self.tags)
        said["allowlist"], said["allowlists"] = None, (*below.lists, *self.lists)
        if self.regex:
            said["secretgroup"] = self.secretgroup
        return GitleaksRule(**said)


class Extend(Struct, frozen=True):
    """What a file builds on."""

    path: str = ""
    url: str = ""
    usedefault: bool = False
    disabledrules: tuple[str, ...] = ()


class Content(Struct, frozen=True):
    """A whole file."""

    title: str = ""
    description: str = ""
    minversion: str = ""
    extend: Extend = Extend()
    rules: tuple[GitleaksRule, ...] = ()
    allowlist: Allowlist | None = None
    allowlists: tuple[Allowlist, ...] = ()


class Document:
    """A file and where things stand in it. name: for messages."""

    def __init__(self, data: bytes, name: str) -> None:
        """Raises RuleError."""
        from vigie import _core

        self.name = name
        self.warnings: list[str] = []
        self._asked = 0
        try:
            plain = _core.parse_toml(data.removeprefix(b"\xef\xbb\xbf"))
        except ValueError as error:
            what, line = error.args
            raise RuleError(f"{name}:{line}: {what}", HINT) from None
        self._lines = data.decode("utf-8", "replace").splitlines()
        try:
            self.content = msgspec.convert(self._known(plain, Content), Content, strict=False)
        except msgspec.ValidationError as error:
            raise self._invalid(str(error)) from None
        lists = self.content.allowlists
        if self.content.allowlist:
            if lists:
                raise self.wrong("[[allowlists]]", "[allowlist] and [[allowlists]] exclude each other")
            lists = (self.content.allowlist,)
        self.allowlists = lists
        for one in lists:
            self._check(one, "allowlists")
        for rule in self.content.rules:
            if rule.allowlist and rule.allowlists:
                raise self.wrong(rule.id, f"{rule.id}: [rules.allowlist] and [[rules.allowlists]] exclude each other")
            for one in rule.lists:
                self._check(one, rule.id)

    def line(self, *texts: str) -> int:
        """The first line with one of the texts, tried in order: it counts from 1, which stands for none as well."""
        self._asked += 1
        for text in texts if self._asked <= MOST_PLACES else ():
            start = next(iter(text.splitlines()), "")
            escaped = start.replace("\\", "\\\\")
            for number, line in enumerate(self._lines if start else (), 1):
                if start in line or escaped in line:
                    return number
        return 1

    def rule_line(self, id_: str) -> int:
        """The line of a rule's id."""
        if self._asked >= MOST_PLACES:
            return 1
        stated = re.compile(r"\s*['\"]?id['\"]?\s*=\s*(?:'''|\"\"\"|'|\")" + re.escape(id_) + r"['\"]", re.IGNORECASE)
        found = (number for number, line in enumerate(self._lines, 1) if stated.match(line))
        return next(found, self.line(id_))

    def wrong(self, text: str, what: str) -> RuleError:
        """An error about something that stands in the file as this text, or is the id of a rule."""
        return RuleError(f"{self.name}:{self.rule_line(text) if text else 1}: {what}", HINT)

    def pattern(self, rule: GitleaksRule) -> str:
        """The expression of a rule for our matcher; "" when it has none. Raises RuleError."""
        if not rule.regex:
            return ""
        from vigie import _core

        def taken() -> str:
            made = translate(rule.regex, rule.secretgroup) if rule.secretgroup else first_group(rule.regex)
            _core.SecretMatcher([(made, ())])
            return made

        return self._tried(taken, rule.regex, rule.id)

    def expression(self, regex: str, about: str) -> str:
        """An expression for a path or a short text, for our matcher; "" for none. Raises RuleError."""
        from vigie import _core

        def taken() -> str:
            made = translate(regex)
            _core.SecretExpressions([made])
            return made

        return self._tried(taken, regex, about) if regex else ""

    def _tried(self, taken: Callable[[], str], regex: str, about: str) -> str:
        try:
            return taken()
        except ValueError as error:
            place = f"{self.name}:{self.line(regex, about)}"
            raise RuleError(f"{place}: {about + ': ' if about else ''}{error.args[0]}", HINT) from None

    def _check(self, given: Allowlist, about: str) -> None:
        if not (given.commits or given.paths or given.regexes or given.stopwords):
            raise self.wrong(about, f"{about}: an allow list has commits, paths, regexes or stopwords")

    def _known(self, plain: Any, kind: Any) -> Any:
        """Tables with the keys of a struct, in small letters; texts split where the struct has lists."""
        if isinstance(plain, list):
            return [self._known(item, kind) for item in plain]
        if not isinstance(plain, dict) or kind is None:
            return plain
        fields = {field.name: field.type for field in msgspec.structs.fields(kind)}
        found: dict[str, Any] = {}
        for key, value in plain.items():
            name = key.lower()
            if name not in fields:
                self.warnings.append(f"{self.name}:{self.line(key)}: there is no key {key!r}")
                continue
            if fields[name] == tuple[str, ...] and isinstance(value, str):
                value = value.split(",")  # noqa: PLW2901
            if name in ("condition", "regextarget") and isinstance(value, str):
                value = value.lower() if name == "condition" else value  # noqa: PLW2901
            if isinstance(value, dict) and "tuple" in str(fields[name]):
                value = [value]  # noqa: PLW2901
            found[name] = self._known(value, _struct(fields[name]))
        return found

    def _invalid(self, message: str) -> RuleError:
        """What `convert` says, with the place of what it means."""
        what, _, path = message.partition(" - at `$")
        names = re.findall(r"[a-z]+", path)
        rule = re.match(r"\.rules\[(\d+)\]", path)
        at = 1
        if rule:
            headers = [
                number for number, line in enumerate(self._lines, 1) if re.match(r"\s*\[\[\s*rules\s*\]\]", line)
            ]
            at = headers[int(rule[1])] if int(rule[1]) < len(headers) else self.line("rules")
        if names:
            stated = re.compile(rf"\s*{names[-1]}\s*=", re.IGNORECASE)
            rest = enumerate(self._lines[at - 1 :], at)
            at = next((number for number, line in rest if stated.match(line)), at)
        return RuleError(f"{self.name}:{at}: {' '.join(names)}{': ' if names else ''}{what}", HINT)


def _struct(field: Any) -> Any:
    """The struct that a field holds, alone or in a list; None for any other."""
    for one in (field, *getattr(field, "__args__", ())):
        if isinstance(one, type) and issubclass(one, Struct):
            return one
    return None
