"""`.gitleaks.toml`: rules and allow lists as gitleaks reads them.

`useDefault = true` means our rules, allow rules and skip patterns; ids of gitleaks' rules stand for ours
(`gitleaks_ids.py`). A configuration without it has its own rules alone, as there. What gitleaks refuses is refused.
Source: https://github.com/gitleaks/gitleaks#configuration
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from vigie.errors import RuleError, UsageError
from vigie.model.advisory import SEVERITIES, Severity
from vigie.secrets.allow import AllowRule
from vigie.secrets.gitleaks_document import Allowlist, Document, GitleaksRule
from vigie.secrets.gitleaks_ids import our_ids
from vigie.secrets.rule_set import Need, RuleSet, read_file
from vigie.secrets.rules import SecretRule

DEEPEST = 2
"""How many files are read one because of the other, as in gitleaks."""


def read(data: bytes, name: str, builtin: RuleSet, within: Path | None = None) -> RuleSet:
    """The rules as a file of configuration has them. name: of the file, for messages and what it extends. within: the
    folder that an extended file must lie in; None: anywhere.

    Raises RuleError (`name:line: what`), UsageError for a file that cannot be read."""
    reader = _Reader(builtin, within)
    reader.take(data, name, ())
    return reader.rule_set(name)


class _Reader:
    """The rules of a file and of what it extends, by id, and the allow lists of all of them."""

    def __init__(self, builtin: RuleSet, within: Path | None) -> None:
        self.builtin, self.within = builtin, within
        self.default = False
        self.disabled: set[str] = set()
        self.rules: dict[str, tuple[Document, GitleaksRule]] = {}
        self.allow: list[tuple[Document, Allowlist]] = []
        self.warnings: list[str] = []

    def take(self, data: bytes, name: str, above: tuple[str, ...]) -> None:
        """Reads a file over what is there, after what it extends. above: the files that led here."""
        one = Document(data, name)
        self.warnings += one.warnings
        extend = one.content.extend
        if extend.url:
            line = one.line(extend.url)
            self.warnings.append(f"{name}:{line}: extend.url is not fetched; name a file with extend.path")
        if extend.usedefault and extend.path:
            raise RuleError(f"{name}:{one.line('extend')}: extend has both path and useDefault; one of them counts")
        known = set(self.rules)
        if extend.usedefault:
            self.default = True
            known |= {rule.id for rule in self.builtin.rules}
        elif extend.path:
            self.extended(one, extend.path, (*above, name))
            known |= set(self.rules) | ({rule.id for rule in self.builtin.rules} if self.default else set())
        for id_ in extend.disabledrules:
            self.disable(id_, one, known)
        own = dict(self.rules)
        for rule in one.content.rules:
            if not rule.id:
                raise RuleError(f"{name}:{one.line(rule.regex or rule.path, 'rules')}: a rule has no id")
            below = own.get(rule.id)
            self.rules[rule.id] = one, (rule.over(below[1]) if below else rule)
        self.allow += ((one, allowlist) for allowlist in one.allowlists)

    def extended(self, one: Document, path: str, above: tuple[str, ...]) -> None:
        place = f"{one.name}:{one.line(path)}"
        if len(above) > DEEPEST:
            self.warnings.append(f"{place}: {path} is not read: files extend others {DEEPEST} deep, as in gitleaks")
            return
        found = self.find(path, one.name)
        if found is None:
            raise UsageError(f"{place}: {path} lies outside of {self.within}, and is not read")
        if str(found) in above or any(_same(found, other) for other in above):
            self.warnings.append(f"{place}: {path} is not read again: {' extends '.join([*above, path])}")
            return
        try:
            data = read_file(str(found))
        except UsageError as error:
            raise UsageError(f"{place}: {error.message}") from None
        self.take(data, str(found), above)

    def find(self, path: str, name: str) -> Path | None:
        """Where an extended file is: as seen from the working folder, as in gitleaks, or beside the file that names it.
        None when it lies outside of `within`."""
        if self.within is None:
            given = Path(path)
            beside = Path(name).parent / path
            return beside if not given.is_file() and beside.is_file() else given
        try:
            found = (self.within / path).resolve()
            return found if found.is_relative_to(self.within.resolve()) and found.is_file() else None
        except (OSError, ValueError, RuntimeError):
            return None

    def disable(self, id_: str, one: Document, known: set[str]) -> None:
        meant = our_ids(id_, known)
        if meant is None:
            self.warnings.append(f"{one.name}:{one.line(id_)}: disabledRules: what is extended has no rule {id_!r}")
        for each in meant or ():
            self.rules.pop(each, None)
            self.disabled.add(each)

    def rule_set(self, name: str) -> RuleSet:
        base = {rule.id: rule for rule in self.builtin.rules if rule.id not in self.disabled} if self.default else {}
        made: dict[str, SecretRule] = dict(base)
        allow = list(self.builtin.allow) if self.default else []
        for id_, (one, rule) in self.rules.items():
            meant = our_ids(id_, base)
            if rule.regex or (rule.path and not meant):
                for other in meant or ():
                    made.pop(other, None)
                made[id_] = _made(rule, one)
                meant = (id_,)
            elif meant is None:
                raise one.wrong(rule.id, f"{id_}: a rule has a regex or a path")
            elif not meant:
                what = f"no rule here looks for what {id_!r} looks for"
                self.warnings.append(f"{one.name}:{one.rule_line(id_)}: {what}")
            else:
                made.update((other, _changed(made[other], rule, one)) for other in meant)
            allow += (_allow(allowlist, one, meant) for allowlist in rule.lists if meant)
        for one, allowlist in self.allow:
            allow += self.targeted(allowlist, one, made)
        rules = tuple(rule for rule in made.values() if rule.pattern)
        if not made:
            self.warnings.append(
                f"{name}: has no rules, so nothing is found; `useDefault = true` below [extend] takes ours"
            )
        return RuleSet(
            self.builtin.rules if self.default and rules == self.builtin.rules else rules,
            tuple(allow),
            self.builtin.skip if self.default else ("**/.git/**",),
            by_path=tuple(rule for rule in made.values() if not rule.pattern),
            needs=tuple(need for _, (one, rule) in self.rules.items() for need in _needs(rule, one, made)),
            silent=tuple(id_ for id_, (_, rule) in self.rules.items() if rule.skipreport),
            warnings=tuple(self.warnings),
        )

    def targeted(self, allowlist: Allowlist, one: Document, made: dict[str, SecretRule]) -> Iterable[AllowRule]:
        """The allow rule of a list that is about all rules, or those it names."""
        ids: list[str] = []
        for id_ in allowlist.targetrules:
            meant = our_ids(id_, made)
            if meant is None:
                if not self.default:
                    raise one.wrong(id_, f"targetRules: there is no rule {id_!r}")
                self.warnings.append(f"{one.name}:{one.line(id_)}: targetRules: there is no rule {id_!r}")
            ids += meant or ()
        if ids or not allowlist.targetrules:
            yield _allow(allowlist, one, tuple(ids))


def _made(rule: GitleaksRule, one: Document) -> SecretRule:
    return SecretRule(
        id=rule.id,
        title=rule.description or rule.id,
        category="",
        severity=_severity(rule.tags),
        keywords=tuple(word for word in rule.keywords if word),
        pattern=one.pattern(rule),
        path=one.expression(rule.path, rule.id),
        entropy=rule.entropy,
        origin=one.name,
    )


def _changed(ours: SecretRule, rule: GitleaksRule, one: Document) -> SecretRule:
    """A rule of ours with what a rule of its id says beside its expression."""
    said: dict[str, Any] = {}
    if rule.description:
        said["title"] = rule.description
    if rule.path:
        said["path"] = one.expression(rule.path, rule.id)
    if rule.entropy:
        said["entropy"] = rule.entropy
    return msgspec.structs.replace(ours, **said)


def _severity(tags: Iterable[str]) -> Severity:
    """HIGH unless a tag names another one (`low`, `severity:low`)."""
    names = {tag.upper().removeprefix("SEVERITY:").removeprefix("SEVERITY=").strip() for tag in tags}
    return next((one for one in reversed(SEVERITIES) if one in names), "HIGH")


def _allow(given: Allowlist, one: Document, rules: tuple[str, ...]) -> AllowRule:
    return AllowRule(
        given.id,
        given.description or f"an allow list of {one.name}",
        regexes=tuple(one.expression(regex, "") for regex in given.regexes if regex),
        paths=tuple(one.expression(path, "") for path in given.paths if path),
        stopwords=tuple(word.lower() for word in given.stopwords if word),
        target=given.regextarget or "secret",
        condition="and" if given.condition in ("and", "&&") else "or",
        commits=tuple(commit.lower() for commit in given.commits),
        rules=rules,
    )


def _needs(rule: GitleaksRule, one: Document, made: dict[str, SecretRule]) -> Iterable[Need]:
    for required in rule.required:
        meant = our_ids(required.id, made)
        if not meant:
            raise one.wrong(required.id, f"{rule.id}: required: there is no rule {required.id!r}")
        yield Need(rule.id, meant, required.withinlines, required.withincolumns)


def _same(path: Path, name: str) -> bool:
    try:
        return path.samefile(name)
    except OSError:
        return False
