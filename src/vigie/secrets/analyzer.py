"""From sightings to candidates: what the walk found in a file is judged, masked for good, and becomes facts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from vigie import _core
from vigie.errors import RuleError
from vigie.model.inventory import PartFacts, Problem
from vigie.model.misconfiguration import CodeLine
from vigie.model.secret import CommitSeen, SecretCandidate
from vigie.scanner.analyzer import Analyzer, ContentSearch, File, Group, Reader
from vigie.secrets import by_path
from vigie.secrets.allow import ARCHIVES, BINARIES, AllowRule, Target, is_found
from vigie.secrets.judge import judge
from vigie.secrets.masking import pieces
from vigie.secrets.rule_set import RuleSet
from vigie.secrets.rules import SecretRule
from vigie.settings.groups import SecretOptions

NAME = "secret"
LONGEST_KEY_ID = 200
MOST_VALUES = 100_000
"""Secrets that are remembered while a scan runs."""

Key = tuple[str, str, str]
"""Rule, path and tag of a secret."""


class Value(Struct, frozen=True, repr_omit_defaults=True):
    """A secret itself and the id that belongs to it. It never says what it is."""

    secret: str
    key_id: str

    def __repr__(self) -> str:
        return "Value(…)"


class SecretReading:
    """How one scan reads secrets: `search` for the walk, `analyzer` for what it finds.

    values: the secrets themselves, for as long as the scan runs: to hide them wherever the report would show them, and
    to ask providers about them. They are nowhere else. shown: what the report shows of the artifact, as one text.
    """

    def __init__(
        self, rule_set: RuleSet, options: SecretOptions, *, rooted: bool = False, show_suppressed: bool = False
    ) -> None:
        """rooted: paths are those of a whole system, as in images, and begin with a slash for rules. show_suppressed:
        what lies where allow rules say not to look is read and set apart, instead of not being read.

        Raises RuleError for a rule of the user's that the matcher does not take."""
        if options.all_paths:
            rule_set = msgspec.structs.replace(
                rule_set, allow=tuple(rule for rule in rule_set.allow if not rule.by_path_alone), skip=()
            )
        self.rules, self.rule_set = rule_set.rules, rule_set
        self.values: dict[Key, Value] = {}
        self.shown = ""
        self._rooted, self._show_suppressed = rooted, show_suppressed
        # Blocks in which nothing counts are looked for as if they were secrets: they stand behind the rules.
        pairs: list[tuple[str, Sequence[str]]] = [(rule.pattern, rule.keywords) for rule in self.rules]
        pairs += [(block.pattern, ()) for block in rule_set.blocks]
        try:
            self.searcher = _core.SecretSearcher(
                pairs, archives=options.archives, binaries=options.binaries, lines=rule_set.asks_for_lines
            )
        except ValueError as error:
            reason, index = error.args
            name = self.rules[index].id if index < len(self.rules) else "exclude-block"
            raise RuleError(f"{rule_set.source or 'rules'}: {name}: {reason}") from None
        passed = () if show_suppressed else rule_set.passed_over
        asked_for = (ARCHIVES if options.archives else frozenset()) | (BINARIES if options.binaries else frozenset())
        skipped = tuple(glob for glob in rule_set.skip if glob not in asked_for)
        self.search = ContentSearch(self.searcher, skipped, passed)
        asked = (rule_set.digest, options.archives, options.binaries, options.all_paths, rooted, show_suppressed)
        settings = ":".join(map(str, asked))
        self.analyzer = Analyzer(
            name=NAME,
            run=self._run,
            group=Group.ANYWHERE,
            type=NAME,
            globs=(),
            reader=Reader.SECRETS,
            order=95,
            settings=settings,
        )
        self.analyzers: tuple[Analyzer, ...] = (self.analyzer,)
        if rule_set.by_path:
            self.analyzers += (by_path.analyzer(rule_set, settings, rooted=rooted),)

    def may_keep(self, facts: PartFacts) -> bool:
        """Whether facts may be kept between scans: not when a file that is kept whole, or what the report shows of the
        artifact, has a secret that was found. It would not be known there the next time."""
        told = {(one.rule, one.path, one.tag) for one in facts.secrets if not one.noise}
        mine = [piece for key in told if key in self.values for piece in pieces(self.values[key].secret)]
        if any(piece in self.shown for piece in mine):
            return False
        if not facts.configurations:
            return True
        if {file.path for file in facts.configurations} & {path for _, path, _ in told}:
            return False
        hidden = [piece.encode() for value in list(self.values.values()) for piece in pieces(value.secret)]
        return not any(piece in file.data for file in facts.configurations for piece in hidden)

    def _run(self, file: File) -> Iterator[SecretCandidate]:
        yield from self.candidates(file.path, file.sightings())

    def of_text(self, path: str, content: bytes) -> tuple[list[SecretCandidate], list[Problem]]:
        """The candidates in a content that is at hand, and what of it could not be searched."""
        sightings, problems = self.searcher.search(path, content)
        return list(self.candidates(path, sightings)), [Problem(path, what) for what in problems]

    def candidates(self, path: str, sightings: Sequence[_core.SecretSighting]) -> Iterator[SecretCandidate]:
        """The candidates in one file."""
        blocks = [one for one in sightings if one.rule >= len(self.rules)]
        found = [one for one in sightings if one.rule < len(self.rules)]
        hidden = {one.secret for one in found}
        for sighting in found:
            rule = self.rules[sighting.rule]
            where = f"{path}!{sighting.inner}" if sighting.inner else path
            seen_as = f"/{where}" if self._rooted else where
            if rule.path and not is_found((rule.path,), seen_as.encode(errors="replace")):
                continue
            passed_over = self._passes_over(seen_as, sighting.inner)
            if passed_over and not self._show_suppressed:
                continue
            value = sighting.secret.decode("utf-8", "replace")
            candidate = _candidate(rule, where, value, sighting, key_is_hidden=sighting.key_id in hidden)
            key = candidate.rule, candidate.path, candidate.tag
            if not candidate.noise and len(self.values) < MOST_VALUES:
                self.values[key] = Value(value, sighting.key_id.decode("utf-8", "replace"))
            allow = self._allowed(rule, seen_as, sighting, blocks)
            if passed_over and not allow:
                allow = passed_over.statement, self.rule_set.source or "vigie"
            if allow:
                candidate = msgspec.structs.replace(candidate, allow=allow[0], allow_source=allow[1])
            yield candidate

    def _passes_over(self, path: str, inner: str) -> AllowRule | None:
        """The allow rule by whose path a place is not looked at: that of the file, or that inside an archive."""
        found = self.rule_set.passes_over(path)
        return found or (self.rule_set.passes_over(f"/{inner.rpartition('!')[2]}") if inner else None)

    def _allowed(
        self, rule: SecretRule, path: str, sighting: _core.SecretSighting, blocks: Iterable[_core.SecretSighting]
    ) -> tuple[str, str] | None:
        """Why a candidate is let pass, and what says so."""
        if sighting.allow and _comment_means(sighting.allow, rule.id):
            return "a comment at its line lets it pass", sighting.allow
        source = self.rule_set.source or "vigie"
        commit = sighting.seen[0] if sighting.seen else ""
        if allowed := self.rule_set.allowed(rule.id, path, _texts(sighting), commit):
            return allowed.statement, source
        for block in blocks:
            about = self.rule_set.blocks[block.rule - len(self.rules)]
            if about.rules and rule.id not in about.rules:
                continue
            if block.inner == sighting.inner and block.start <= sighting.start and sighting.end <= block.end:
                return about.description or "it stands in a block that is left out", source
        return None


def _texts(sighting: _core.SecretSighting) -> Mapping[Target, bytes]:
    lines, start, end = sighting.lines
    return {"secret": sighting.secret, "match": lines[start:end], "line": lines}


def _comment_means(comment: str, rule: str) -> bool:
    """Whether a comment is about a rule: it names it (`trivy:ignore:a,b`), or none."""
    ids = comment.partition(":")[2].partition(":")[2]
    return not ids or rule in ids.replace(":", ",").split(",")


def _candidate(
    rule: SecretRule, path: str, value: str, sighting: _core.SecretSighting, *, key_is_hidden: bool
) -> SecretCandidate:
    judgement = judge(rule, value, sighting.before.decode("utf-8", "replace"))
    key_id = sighting.key_id.decode("utf-8", "replace")[:LONGEST_KEY_ID]
    return SecretCandidate(
        rule=rule.id,
        path=path,
        start=sighting.start[0],
        end=sighting.end[0],
        start_column=sighting.start[1],
        end_column=sighting.end[1],
        offset=sighting.offset,
        match=sighting.matched,
        code=_code(sighting.code),
        tag=tag(rule.id, value),
        confidence=judgement.confidence,
        reason=judgement.reason,
        noise=judgement.noise,
        key_id=shortened(key_id) if key_is_hidden else key_id,
        facts=judgement.facts,
        decoded=sighting.decoded,
        seen=_seen(sighting.seen),
    )


def shortened(key_id: str) -> str:
    """A key's id as far as people need it to find the key: ids of which another rule says that they are hidden."""
    return f"{key_id[:4]}…{key_id[-4:]}" if len(key_id) >= 16 else "…"


def tag(rule: str, value: str) -> str:
    """Five hex digits that tell two values of one rule apart and are too few to guess a value by."""
    return hashlib.sha256(f"{rule}\0{value}".encode()).hexdigest()[:5]


def _code(lines: list[tuple[int, str, bool, bool]]) -> tuple[CodeLine, ...]:
    causes = [index for index, line in enumerate(lines) if line[2]]
    return tuple(
        CodeLine(number, content, is_cause, truncated, index == causes[0], index == causes[-1])
        if is_cause
        else CodeLine(number, content, truncated=truncated)
        for index, (number, content, is_cause, truncated) in enumerate(lines)
    )


def _seen(history: tuple[str, str, str, int, str, str, int, bool] | None) -> CommitSeen | None:
    if history is None:
        return None
    commit, author, email, date, subject, last, last_date, present = history
    return CommitSeen(commit, author, email, _moment(date), subject, last, _moment(last_date), present)


def _moment(seconds: int) -> str:
    """RFC 3339; empty for a time that no calendar has."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return ""
