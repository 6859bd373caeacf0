"""What people accepted: fingerprints of `.gitleaksignore` and of a baseline."""

from __future__ import annotations

from vigie.model.secret import SecretCandidate
from vigie.secrets import baseline, gitleaks_ignore
from vigie.secrets.rule_set import RuleSet
from vigie.settings.groups import SecretOptions


class Accepted:
    """Says for a candidate which file accepts it. It is what `detector.detect` asks. warnings: for people."""

    def __init__(self, options: SecretOptions, rule_set: RuleSet, root: str = "") -> None:
        """root: the folder that is scanned, "" for none. Raises UsageError for files that cannot be read."""
        ids = {rule.id for rule in (*rule_set.rules, *rule_set.by_path)}
        self._ignore = gitleaks_ignore.load(options.gitleaks_ignore, root, ids)
        self._baseline = baseline.load(options.baseline, root, ids)
        self.warnings = tuple(self._ignore.warnings)

    def __call__(self, candidate: SecretCandidate, fingerprint: str) -> tuple[str, str, str] | None:
        """Status, statement and source; None when nobody accepted it."""
        if source := self._ignore.accepts(candidate):
            return "ignored", "its fingerprint is accepted", source
        if self._baseline.knows(candidate, fingerprint):
            return "baseline", "an earlier report tells of it", self._baseline.source
        return None
