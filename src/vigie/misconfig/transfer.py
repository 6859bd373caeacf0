"""Outcomes on their way from the process that judged to the one that reports.

What findings have in common (all that a check says of itself, an excerpt, a chain of calls) is sent once and is one
object again at the other end: a monorepo's report takes a tenth of the memory.
"""

from __future__ import annotations

from sys import intern

import msgspec
from msgspec import Struct

from vigie.misconfig.outcome import Outcome, Placed
from vigie.model.misconfiguration import CodeLine, Misconfiguration, Occurrence, Origin


class Row(Struct, array_like=True):
    """A finding. common, code, occurrences, origins: numbers in the lists of the parcel; those of `common` count on
    through all parcels of one process."""

    target: str
    common: int
    message: str
    resource: str
    start: int
    end: int
    code: int
    occurrences: int
    origins: int
    rendered: str = ""
    statement: str = ""
    source: str = ""


class Parcel(Struct, array_like=True):
    """An outcome without its findings, and these. common: the findings that are the first of their check and
    language."""

    outcome: Outcome
    rows: list[Row]
    common: list[Misconfiguration]
    code: list[tuple[CodeLine, ...]]
    occurrences: list[tuple[Occurrence, ...]]
    origins: list[tuple[Origin, ...]]


class Packer:
    """Writes the outcomes of one process."""

    def __init__(self) -> None:
        self._common: dict[tuple[str, str], int] = {}
        self._encoder = msgspec.msgpack.Encoder()

    def pack(self, outcome: Outcome) -> bytes:
        """An outcome as bytes."""
        common: list[Misconfiguration] = []
        code: dict[tuple[CodeLine, ...], int] = {}
        occurrences: dict[tuple[Occurrence, ...], int] = {}
        origins: dict[tuple[Origin, ...], int] = {}
        rows = []
        for placed in outcome.findings:
            finding = placed.finding
            key = finding.type, finding.id
            if key not in self._common:
                self._common[key] = len(self._common)
                common.append(msgspec.structs.replace(finding, code=(), occurrences=(), origins=()))
            rows.append(
                Row(
                    placed.target,
                    self._common[key],
                    finding.message,
                    finding.resource,
                    finding.start,
                    finding.end,
                    code.setdefault(finding.code, len(code)),
                    occurrences.setdefault(finding.occurrences, len(occurrences)),
                    origins.setdefault(finding.origins, len(origins)),
                    finding.rendered,
                    placed.statement,
                    placed.source,
                )
            )
        bare = msgspec.structs.replace(outcome, findings=[])
        return self._encoder.encode(Parcel(bare, rows, common, list(code), list(occurrences), list(origins)))


class Unpacker:
    """Reads the outcomes of one process, in the order in which they were packed."""

    def __init__(self) -> None:
        self._common: list[Misconfiguration] = []
        self._decoder = msgspec.msgpack.Decoder(Parcel)

    def unpack(self, data: bytes) -> Outcome:
        """The outcome. Raises msgspec.DecodeError and IndexError for what is none."""
        parcel = self._decoder.decode(data)
        self._common += parcel.common
        outcome = parcel.outcome
        outcome.checks, outcome.passed, outcome.lost = (
            [intern(id_) for id_ in ids] for ids in (outcome.checks, outcome.passed, outcome.lost)
        )
        replace = msgspec.structs.replace
        outcome.findings = [
            Placed(
                intern(row.target),
                replace(
                    self._common[row.common],
                    message=intern(row.message),
                    resource=intern(row.resource),
                    start=row.start,
                    end=row.end,
                    code=parcel.code[row.code],
                    occurrences=parcel.occurrences[row.occurrences],
                    origins=parcel.origins[row.origins],
                    rendered=row.rendered,
                ),
                row.statement,
                row.source,
            )
            for row in parcel.rows
        ]
        return outcome
