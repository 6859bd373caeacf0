"""From sightings to candidates: what the walk found in a file is judged, masked for good, and becomes facts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache

from vigie import _core
from vigie.errors import RuleError
from vigie.model.inventory import Problem
from vigie.model.misconfiguration import CodeLine
from vigie.model.secret import CommitSeen, SecretCandidate
from vigie.scanner.analyzer import Analyzer, ContentSearch, File, Group, Reader
from vigie.secrets.judge import judge
from vigie.secrets.rule_set import RuleSet
from vigie.secrets.rules import SecretRule
from vigie.settings.groups import SecretOptions

NAME = "secret"
LONGEST_KEY_ID = 200


class SecretReading:
    """How one scan reads secrets: `search` for the walk, `analyzer` for what it finds.

    values: with `--verify` the secrets themselves by rule, path and tag, for as long as the scan runs; empty otherwise.
    """

    def __init__(self, rule_set: RuleSet, options: SecretOptions, *, rooted: bool) -> None:
        """rooted: paths are those of a whole system, as in images, and begin with a slash for rules.

        Raises RuleError for a rule of the user's that the matcher does not take."""
        self.rules = rule_set.rules
        self.values: dict[tuple[str, str, str], str] = {}
        self._keep, self._rooted = options.verify, rooted
        pairs = [(rule.pattern, rule.keywords) for rule in self.rules]
        try:
            self.searcher = _core.SecretSearcher(pairs, archives=options.archives, binaries=options.binaries)
        except ValueError as error:
            reason, index = error.args
            raise RuleError(f"rule {self.rules[index].id}: {reason}") from None
        skipped = () if options.all_paths else rule_set.skip
        passed = () if options.all_paths else rule_set.passed_over
        self.search = ContentSearch(self.searcher, skipped, passed)
        asked = (rule_set.digest, options.archives, options.binaries, options.all_paths, rooted)
        self.analyzer = Analyzer(
            name=NAME,
            run=self._run,
            group=Group.ANYWHERE,
            type=NAME,
            globs=(),
            reader=Reader.SECRETS,
            order=95,
            settings=":".join(map(str, asked)),
        )

    def accept(self, candidate: SecretCandidate, rule: SecretRule) -> tuple[str, str, str] | None:
        """What sets a candidate apart from findings: status, statement, source."""
        if candidate.allow:
            return "ignored", "a comment on its line allows it", candidate.allow
        return None

    def _run(self, file: File) -> Iterator[SecretCandidate]:
        yield from self.candidates(file.path, file.sightings())

    def candidates(self, path: str, sightings: Iterable[_core.SecretSighting]) -> Iterator[SecretCandidate]:
        """The candidates in one file."""
        for sighting in sightings:
            rule = self.rules[sighting.rule]
            where = f"{path}!{sighting.inner}" if sighting.inner else path
            if rule.path and not _pattern(rule.path).search(f"/{where}" if self._rooted else where):
                continue
            value = sighting.secret.decode("utf-8", "replace")
            candidate = _candidate(rule, where, value, sighting)
            if self._keep and not candidate.noise:
                self.values[candidate.rule, candidate.path, candidate.tag] = value
            yield candidate


def _candidate(rule: SecretRule, path: str, value: str, sighting: _core.SecretSighting) -> SecretCandidate:
    judgement = judge(rule, value, sighting.before.decode("utf-8", "replace"))
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
        key_id=sighting.key_id.decode("utf-8", "replace")[:LONGEST_KEY_ID],
        facts=judgement.facts,
        decoded=sighting.decoded,
        allow=sighting.allow,
        seen=_seen(sighting.seen),
    )


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


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def of_text(reading: SecretReading, path: str, content: bytes) -> tuple[list[SecretCandidate], list[Problem]]:
    """The candidates in a content that is at hand, and what could not be searched."""
    sightings, problems = reading.searcher.search(path, content)
    return list(reading.candidates(path, sightings)), [Problem(path, what) for what in problems]
