"""What is known about each vulnerability apart from packages, gathered while a database is built."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec
from msgspec import Struct

from vigie.model.advisory import SEVERITIES, Severity
from vigie.vulnerabilities.database import cvss, schema
from vigie.vulnerabilities.database.osv import OsvRecord, OsvSeverity, is_made_up, packaging, strings, table
from vigie.vulnerabilities.database.pages import tells_more
from vigie.vulnerabilities.database.schema import StoredDetails, severity_of

MOST_REFERENCES = 3
_NUMBER = re.compile(r"CWE-(\d{1,5})")


class Gathered(Struct):
    """Details of one id while they are gathered. vectors: (rater, vector) → score; words: rater → rating."""

    vectors: dict[tuple[str, str], float] = {}
    words: dict[str, Severity] = {}
    weaknesses: dict[int, None] = {}
    references: dict[str, None] = {}
    published: int = 0
    modified: int = 0
    epss: int = -1
    percentile: int = -1
    flags: int = 0

    def hear(self, name: str, record: OsvRecord, source: str) -> None:
        """Takes over what a record of the source says of itself; `name` is the vulnerability it is reported as."""
        extra = table(record.database_specific)
        vectors = list(record.severity)
        for affected in record.affected:
            vectors += affected.severity
            informational = table(affected.database_specific).get("informational")
            self.flags |= _INFORMATIONAL.get(str(informational), 0)
        for one in vectors:
            self._rate(one, source)
        for scored in table(extra.get("cvss_scores")).values():
            self._word(source, cvss.rating(_number(scored)))
        self._word(source, severity_of(str(extra.get("severity") or "")))
        self._weak(strings(extra.get("cwe_ids")))
        # The links and dates of a distribution's erratum are its own, not those of the vulnerabilities it mends.
        erratum = any(a.package and packaging(a.package.ecosystem) for a in record.affected[:1])
        if not erratum:
            for reference in record.references:
                if len(self.references) < MOST_REFERENCES and tells_more(reference.url):
                    self.references.setdefault(reference.url)
        if not erratum or name == record.id or is_made_up(record.id):
            self.published = self.published or seconds(record.published)
            self.modified = max(self.modified, seconds(record.modified))

    def hear_scores(self, record: OsvRecord, withheld: Iterable[str]) -> None:
        """Takes over one line of the CVSS file. NVD's vectors count; where it has none for a version of CVSS, those of
        one other rater do: a numbering authority's before CISA's before conversions."""
        raters: dict[str, dict[str, list[OsvSeverity]]] = {}
        for one in record.severity:
            if one.source not in withheld:
                raters.setdefault(cvss.version_of(one.score), {}).setdefault(one.source, []).append(one)
        for version, by_rater in raters.items():
            if version:
                for one in by_rater[min(by_rater, key=_trust)]:
                    self._rate(one, one.source)
        extra = table(record.database_specific)
        self._weak(strings(extra.get("cwe_ids")))
        if extra.get("rejected") is True:
            self.flags |= schema.REJECTED
        self.published = seconds(record.published) or self.published
        self.modified = seconds(record.modified) or self.modified

    def _rate(self, one: OsvSeverity, source: str) -> None:
        if not one.type.startswith("CVSS"):
            self._word(source, severity_of(one.score))
            return
        vector = one.score.strip().strip("()")
        score = one.base if one.base is not None else cvss.base_score(vector)
        if score is not None and cvss.version_of(vector):
            self.vectors[source or "osv", vector] = score

    def _word(self, source: str, word: Severity | None) -> None:
        if word and word != "UNKNOWN":
            self.words[source] = max(word, self.words.get(source, word), key=SEVERITIES.index)

    def _weak(self, names: Iterable[str]) -> None:
        for name in names:
            if match := _NUMBER.fullmatch(name):
                self.weaknesses.setdefault(int(match[1]))

    def stored(self, sources: Mapping[str, int], vectors: dict[tuple[str, float], int]) -> StoredDetails:
        """The row. New vectors are numbered in `vectors`."""
        flat: list[int] = []
        for (source, vector), score in sorted(self.vectors.items()):
            flat += [sources[source], vectors.setdefault((vector, score), len(vectors) + 1)]
        return StoredDetails(
            vectors=tuple(flat),
            words=tuple(sources[name] * 8 + SEVERITIES.index(word) for name, word in sorted(self.words.items())),
            weaknesses=tuple(sorted(self.weaknesses)),
            references=tuple(self.references),
            published=self.published,
            modified=self.modified,
            epss=self.epss,
            percentile=self.percentile,
            flags=self.flags,
        )


_INFORMATIONAL = {"unmaintained": schema.UNMAINTAINED, "unsound": schema.UNSOUND, "notice": schema.NOTICE}


def _trust(rater: str) -> tuple[int, str]:
    kind = rater.partition(":")[0]
    order = {"nvd": 0, "cna": 1, "adp": 2, "osv": 3}
    return order.get(kind, 4), rater


def _number(value: object) -> float:
    try:
        return msgspec.convert(value, float, strict=False)
    except msgspec.ValidationError:
        return 0.0


def seconds(text: str) -> int:
    """Seconds since 1970 of an RFC 3339 time or a date; 0 when it is none."""
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None
    except ValueError:
        return 0
    if moment is None:
        return 0
    return max(
        0,
        int(
            (
                moment - datetime.fromisoformat("1970-01-01" if moment.tzinfo is None else "1970-01-01T00:00:00+00:00")
            ).total_seconds()
        ),
    )
