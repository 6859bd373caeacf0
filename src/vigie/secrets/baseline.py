"""`--baseline FILE`: what an earlier report tells of is known, and does not count again.

The report is one of ours in JSON, compared by fingerprint, or one of gitleaks (an array of findings). A finding of
gitleaks is known again by its fingerprint while its secret is the same; where the report still has the secret, also
when lines above it came or went. A report that was redacted tells by its fingerprints alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from vigie.errors import UsageError
from vigie.model.secret import SecretCandidate
from vigie.secrets.analyzer import tag
from vigie.secrets.gitleaks_ids import our_ids
from vigie.secrets.gitleaks_ignore import GitleaksIgnore, relative

MAX_SIZE = 256 << 20
REDACTED = "REDACTED"
HINT = "a baseline is an earlier report: `--format json` of vigie, or of gitleaks"


class _Leak(Struct, rename="pascal"):
    """What counts of a finding of gitleaks."""

    rule_id: str = msgspec.field(name="RuleID", default="")
    file: str = ""
    start_line: int = 0
    commit: str = ""
    fingerprint: str = ""
    secret: str = ""
    match: str = ""

    def __repr__(self) -> str:
        return f"_Leak({self.rule_id!r}, {self.file!r})"


class _Secret(Struct, rename="pascal"):
    fingerprint: str = ""


class _Result(Struct, rename="pascal"):
    secrets: list[_Secret] | None = None


class _Report(Struct, rename="pascal"):
    schema_version: int
    results: list[_Result] | None = None


class Baseline:
    """What earlier reports tell of. source: the file, for people."""

    def __init__(self, source: str = "", root: str = "") -> None:
        """root: the folder that is scanned, which paths of gitleaks may begin with."""
        self.source, self._root = source, root
        self._ours: set[str] = set()
        self._redacted = GitleaksIgnore(())
        self._values: set[tuple[str, str, str]] = set()

    def knows(self, candidate: SecretCandidate, fingerprint: str) -> bool:
        """Whether a finding of ours is known. fingerprint: of the finding."""
        if fingerprint in self._ours or (candidate.rule, candidate.path, candidate.tag) in self._values:
            return True
        return bool(self._redacted.accepts(candidate))

    def take(self, report: list[_Leak] | _Report, rules: Collection[str]) -> None:
        """Adds the findings of a report. rules: ids of the rules that there are."""
        if isinstance(report, _Report):
            found = (one.fingerprint for result in report.results or () for one in result.secrets or ())
            self._ours.update(fingerprint for fingerprint in found if fingerprint)
            return
        self._redacted = GitleaksIgnore(rules, self._root)
        for leak in report:
            path = relative(leak.file, self._root)
            if leak.secret and not _is_redacted(leak.secret):
                for rule in our_ids(leak.rule_id, rules) or (leak.rule_id,):
                    self._values.update((rule, path, tag(rule, text)) for text in (leak.secret, leak.match) if text)
            elif not self._redacted.add(leak.fingerprint, self.source):
                commit = f"{leak.commit}:" if leak.commit else ""
                self._redacted.add(f"{commit}{path}:{leak.rule_id}:{leak.start_line}", self.source)


def _is_redacted(secret: str) -> bool:
    return secret == REDACTED or secret.endswith("...")


def load(path: str, root: str, rules: Iterable[str]) -> Baseline:
    """The findings of a report. root: the folder that is scanned. rules: ids of the rules that there are. Raises
    UsageError, which never quotes it."""
    baseline = Baseline(path, root)
    if not path:
        return baseline
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_SIZE + 1)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else "") or "no path"
        raise UsageError(f"the baseline {path} could not be read: {reason}", HINT) from None
    if len(data) > MAX_SIZE:
        raise UsageError(f"the baseline {path} is larger than {MAX_SIZE >> 20} MB", HINT)
    kind: Any = list[_Leak] if data.lstrip()[:1] == b"[" else _Report
    try:
        report = msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        # What a decoder says names places and types, no values.
        raise UsageError(f"{path} is no report of findings: {error}", HINT) from None
    baseline.take(report, frozenset(rules))
    return baseline
