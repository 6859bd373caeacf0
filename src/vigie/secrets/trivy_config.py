"""`trivy-secret.yaml`: which of our rules run, and rules, allow rules and skip patterns of the user's own.

Keys: trivy.md §6.2. Unknown ones, and ids that are not ours, are told as warnings; the reference passes over them.
Expressions are Go's. A rule with the id of one of ours runs beside it, as there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from vigie.errors import RuleError
from vigie.model.advisory import SEVERITIES, Severity
from vigie.secrets.allow import AllowRule
from vigie.secrets.go_expression import translate
from vigie.secrets.rule_set import Block, RuleSet
from vigie.secrets.rules import SecretRule

if TYPE_CHECKING:
    from vigie._core import _MarkedNode

MOST_NODES = 200_000


class _Allow(Struct, rename="kebab", frozen=True, forbid_unknown_fields=True):
    id: str = ""
    description: str = ""
    regex: str = ""
    path: str = ""


class _Blocks(Struct, rename="kebab", frozen=True, forbid_unknown_fields=True):
    description: str = ""
    regexes: tuple[str, ...] = ()


class _Rule(Struct, rename="kebab", frozen=True, forbid_unknown_fields=True):
    id: str = ""
    category: str = ""
    title: str = ""
    severity: str = ""
    regex: str = ""
    path: str = ""
    keywords: tuple[str, ...] = ()
    secret_group_name: str = ""
    allow_rules: tuple[_Allow, ...] = ()
    exclude_block: _Blocks = _Blocks()


class _Document(Struct, rename="kebab", frozen=True, forbid_unknown_fields=True):
    enable_builtin_rules: tuple[str, ...] = ()
    disable_rules: tuple[str, ...] = ()
    disable_allow_rules: tuple[str, ...] = ()
    rules: tuple[_Rule, ...] = ()
    allow_rules: tuple[_Allow, ...] = ()
    exclude_block: _Blocks = _Blocks()
    skip_patterns: tuple[str, ...] = ()


def read(data: bytes, name: str, builtin: RuleSet) -> RuleSet:
    """The built-in rules, changed by a file of configuration. name: of the file, for messages.

    Raises RuleError (`name:line: what`)."""
    return _Reader(name).rule_set(data, builtin)


class _Reader:
    def __init__(self, name: str) -> None:
        self.name = name
        self.warnings: list[str] = []
        self.root: _MarkedNode = (None, 1, 1)

    def rule_set(self, data: bytes, builtin: RuleSet) -> RuleSet:
        document = self.document(data)
        known = {rule.id for rule in builtin.rules}
        self.known("enable-builtin-rules", document.enable_builtin_rules, known)
        mine = {rule.id for rule in document.rules}
        self.known("disable-rules", document.disable_rules, known | mine)
        lets = (*builtin.allow, *(self.allow(one, f"allow-rules {n}") for n, one in enumerate(document.allow_rules)))
        self.known("disable-allow-rules", document.disable_allow_rules, {one.id for one in lets})
        rules = builtin.rules
        if only := frozenset(document.enable_builtin_rules):
            rules = tuple(rule for rule in rules if rule.id in only)
        blocks = self.blocks(document.exclude_block, "exclude-block", ())
        for number, one in enumerate(document.rules):
            at = f"rules {number}"
            rules = (*rules, self.rule(one, at))
            lets = (*lets, *(self.allow(a, f"{at} allow-rules {n}", one.id) for n, a in enumerate(one.allow_rules)))
            blocks = (*blocks, *self.blocks(one.exclude_block, f"{at} exclude-block", (one.id,)))
        if off := frozenset(document.disable_rules):
            rules = tuple(rule for rule in rules if rule.id not in off)
        disabled = frozenset(document.disable_allow_rules)
        skip = document.skip_patterns if self.node("skip-patterns") is not None else builtin.skip
        for pattern in skip if skip is not builtin.skip else ():
            self.glob(pattern)
        return RuleSet(
            rules,
            tuple(one for one in lets if one.id not in disabled or not one.id),
            tuple(pattern.removeprefix("/") for pattern in skip),
            blocks=blocks,
            warnings=tuple(self.warnings),
        )

    def document(self, data: bytes) -> _Document:
        from vigie._core import parse_yaml_marked

        try:
            documents = parse_yaml_marked(data, MOST_NODES)
        except ValueError as error:
            what, line, column = error.args
            raise RuleError(f"{self.name}:{line}:{column}: {what}") from None
        if not documents or documents[0][0] is None:
            return _Document()
        self.root = documents[0]
        if len(documents) > 1:
            self.warnings.append(f"{self.name}:{documents[1][1]}: only the first document counts")
        plain = self.plain(self.root, _Document)
        try:
            return msgspec.convert(plain, _Document, strict=False)
        except msgspec.ValidationError as error:
            what, _, path = str(error).partition(" - at `$")
            steps = path.rstrip("`").replace("[", " ").replace("]", "").replace(".", " ").split()
            wrong = f"{' '.join(step for step in steps if not step.isdigit())}: " if steps else ""
            raise self.wrong(" ".join(steps), wrong + what) from None

    def plain(self, node: _MarkedNode, kind: Any) -> Any:
        """Plain values, without entries that are empty. Unknown keys are told."""
        content = node[0]
        if isinstance(content, list):
            return [self.plain(item, kind) for item in content]
        if not isinstance(content, tuple):
            return content
        fields = {one.encode_name: one.type for one in msgspec.structs.fields(kind)} if kind else {}
        found: dict[str, Any] = {}
        for (key, at, _), value in content:
            if not isinstance(key, str) or (kind and key not in fields):
                self.warnings.append(f"{self.name}:{at}: there is no key {key if isinstance(key, str) else ''!r}")
            elif key in found:
                raise RuleError(f"{self.name}:{at}: the key {key!r} stands twice")
            elif value[0] is not None:
                found[key] = self.plain(value, _kind(fields.get(key)))
        return found

    def node(self, path: str) -> _MarkedNode | None:
        """The value at a path (`rules 0 regex`); None when it is absent or empty."""
        node = self.root
        for step in path.split():
            content = node[0]
            if isinstance(content, list) and step.isdigit() and int(step) < len(content):
                node = content[int(step)]
            elif isinstance(content, tuple):
                found = next((value for key, value in content if key[0] == step), None)
                if found is None:
                    return None
                node = found
            else:
                return None
        return node if node[0] is not None else None

    def wrong(self, path: str, what: str) -> RuleError:
        """An error at a path, or where the nearest thing above it stands."""
        steps = path.split()
        while steps and self.node(" ".join(steps)) is None:
            steps.pop()
        found = self.node(" ".join(steps))
        return RuleError(f"{self.name}:{found[1] if found else 1}: {what}")

    def known(self, key: str, given: Sequence[str], known: set[str]) -> None:
        for number, one in enumerate(given):
            if one not in known:
                node = self.node(f"{key} {number}")
                self.warnings.append(f"{self.name}:{node[1] if node else 1}: {key}: there is no {one!r} here")

    def rule(self, given: _Rule, at: str) -> SecretRule:
        if not given.id:
            raise self.wrong(at, "a rule has no id")
        if not given.regex:
            raise self.wrong(at, f"{given.id}: a rule has a regex")
        return SecretRule(
            id=given.id,
            title=given.title,
            category=given.category,
            severity=self.severity(given, at),
            keywords=tuple(word for word in given.keywords if word),
            pattern=self.expression(given.regex, f"{at} regex", given.id, given.secret_group_name, rule=True),
            path=self.expression(given.path, f"{at} path", given.id),
            origin=self.name,
        )

    def severity(self, given: _Rule, at: str) -> Severity:
        for severity in SEVERITIES:
            if given.severity.upper() == severity:
                return severity
        where = self.node(f"{at} severity") or self.node(at)
        what = f"{given.severity!r} is no severity" if given.severity else "it has no severity"
        self.warnings.append(f"{self.name}:{where[1] if where else 1}: {given.id}: {what}; it counts as UNKNOWN")
        return "UNKNOWN"

    def allow(self, given: _Allow, at: str, rule: str = "") -> AllowRule:
        regex = self.expression(given.regex, f"{at} regex", given.id)
        path = self.expression(given.path, f"{at} path", given.id)
        return AllowRule(
            given.id,
            given.description,
            regexes=(regex,) if regex else (),
            paths=(path,) if path else (),
            target="match",
            rules=(rule,) if rule else (),
        )

    def blocks(self, given: _Blocks, at: str, rules: tuple[str, ...]) -> tuple[Block, ...]:
        return tuple(
            Block(f"(?:{expression})(?P<secret>)", given.description, rules)
            for number, regex in enumerate(given.regexes)
            if (expression := self.expression(regex, f"{at} regexes {number}", "exclude-block", rule=True))
        )

    def expression(self, regex: str, at: str, what: str, group: str = "", *, rule: bool = False) -> str:
        """An expression of Go's for our matcher, which is asked whether it takes it. rule: it is run over whole
        files."""
        if not regex:
            return ""
        from vigie import _core

        try:
            translated = translate(regex, group or 0)
            if rule:
                _core.SecretMatcher([(translated, ())])
            else:
                _core.SecretExpressions([translated])
        except ValueError as error:
            raise self.wrong(at, f"{what + ': ' if what else ''}{error.args[0]}") from None
        return translated

    def glob(self, pattern: str) -> None:
        from vigie import _core

        try:
            _core.Selection([((pattern,), (), "bytes")])
        except ValueError as error:
            raise self.wrong("skip-patterns", " ".join(str(error).split())) from None


def _kind(field: Any) -> Any:
    """The struct that a field holds, alone or in a list; None for any other."""
    for one in (field, *getattr(field, "__args__", ())):
        if isinstance(one, type) and issubclass(one, Struct):
            return one
    return None
