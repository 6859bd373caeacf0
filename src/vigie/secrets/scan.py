"""Secrets in one scan, from the rules to the report: what `compose.py` asks of this package."""

from __future__ import annotations

import logging

import msgspec

from vigie.errors import TargetError
from vigie.model.artifact import ArtifactFacts
from vigie.model.finding import Finding
from vigie.model.inventory import Inventory, Problem
from vigie.model.report import Judged, Report
from vigie.model.secret import Secret, SecretCandidate
from vigie.secrets import image_config
from vigie.secrets.accepted import Accepted
from vigie.secrets.analyzer import SecretReading
from vigie.secrets.composite import reported
from vigie.secrets.detector import Detected, detect
from vigie.secrets.masking import Masking, without_secrets
from vigie.secrets.rule_set import load_rule_set
from vigie.settings.groups import Options

replace = msgspec.structs.replace
log = logging.getLogger(__name__)


class SecretScan:
    """Looks for secrets in one target. reading: for the walk."""

    def __init__(self, kind: str, target: str, options: Options) -> None:
        """kind, target: as `vigie.scan` takes them. Raises RuleError and UsageError for rules and files of the
        user's."""
        self._options = options
        root = target if kind in ("fs", "rootfs", "repo") else ""
        rule_set = load_rule_set(options.secret, root)
        self._accepted = Accepted(options.secret, rule_set, root)
        for warning in (*rule_set.warnings, *self._accepted.warnings):
            log.warning("%s", warning)
        self._rooted = kind in ("image", "rootfs")
        self.reading = SecretReading(
            rule_set, options.secret, rooted=self._rooted, show_suppressed=options.report.show_suppressed
        )
        self._candidates: tuple[SecretCandidate, ...] = ()
        self._found = Detected((), {})
        self._masking = Masking(())

    def opened(self, facts: ArtifactFacts) -> SecretReading:
        """How the parts of an artifact are read."""
        self.reading.shown = "\n".join(image_config.texts(facts))
        return self.reading

    def standard_input(self, deadline: float) -> Inventory:
        """What standard input holds. What cannot be searched of it is a whole part. deadline: `time.monotonic`, 0 for
        none. Raises TargetError."""
        from vigie.secrets.stream import search

        try:
            sightings, problems = search(self.reading.searcher, deadline)
        except OSError as error:
            raise TargetError(f"standard input could not be read: {(error.strerror or str(error)).lower()}") from error
        return Inventory(
            secrets=tuple(self.reading.candidates("stdin", sightings)),
            problems=tuple(Problem("stdin", what, fatal=True) for what in problems),
        )

    def detect(self, facts: ArtifactFacts, inventory: Inventory) -> Judged:
        """Findings in what was read and, if they are asked for, in the image's configuration. That is searched in any
        case, since the report shows it."""
        commits = {one.seen.commit: one.seen for one in inventory.secrets if one.seen}
        about = image_config.search(facts, self.reading, commits.values())
        self._candidates = inventory.secrets
        asked = "secret" in self._options.image.config_scanners
        candidates = reported((*inventory.secrets, *(about.candidates if asked else ())), self.reading.rule_set)
        self._found = detect(
            candidates,
            (*self.reading.rules, *self.reading.rule_set.by_path),
            self._accepted,
            min_confidence=self._options.secret.min_confidence,
            rooted=facts.image is not None,
            name=facts.name,
        )
        self._masking = Masking((value.secret for value in self.reading.values.values()), about.spelled)
        return Judged(self._found.results, about.problems)

    def verified(self, report: Report, deadline: float) -> Report:
        """The report with what providers say of its findings. deadline: `time.monotonic`, 0 for none."""
        asked = [finding for result in report.results for finding in result.secrets]
        if not self._options.secret.verify or not asked:
            return report
        from vigie.secrets.verify import Question, Verifier

        rules = {rule.id: rule for rule in self.reading.rules}
        questions: dict[str, Question] = {}
        for finding in asked:
            mine, partner = self._found.keys.get(finding.fingerprint, (None, None))
            value = self.reading.values.get(mine) if mine else None
            if value is not None and finding.id in rules:
                other = self.reading.values.get(partner) if partner else None
                key_id = value.key_id or (other.secret if other else "")
                questions[finding.fingerprint] = Question(rules[finding.id], value.secret, key_id)
        general = self._options.general
        verifier = Verifier(insecure=general.insecure, cacert=general.cacert, deadline=deadline)
        states = verifier.ask(questions.values())

        def told(finding: Finding) -> Finding:
            question = questions.get(finding.fingerprint) if isinstance(finding, Secret) else None
            if question is None or not isinstance(finding, Secret):
                return finding
            return replace(finding, verified=states.get(question.key(), ""))

        results = (replace(result, findings=tuple(map(told, result.findings))) for result in report.results)
        return replace(report, results=tuple(results), problems=(*report.problems, *verifier.problems))

    def masked(self, report: Report) -> Report:
        """The report without any secret that was found, wherever else it stands."""
        masking = self._masking
        packages = tuple(
            masking.of(result, packages=True) if result.packages or result.vulnerabilities else result
            for result in report.results
        )
        return replace(
            report,
            artifact=masking.of(report.artifact),
            results=without_secrets(packages, masking, self._candidates),
            problems=masking.of(report.problems),
        )
