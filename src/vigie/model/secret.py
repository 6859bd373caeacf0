"""Secrets: credentials that stand in files, always masked.

What is kept of a value is its *tag*: 20 bits of a hash. Two values are told apart by it, and a weak password cannot be
guessed from it. Fingerprints are made of rule, path and tag.
"""

from typing import Literal

from msgspec import Struct

from vigie.model.advisory import Severity
from vigie.model.artifact import LayerReference
from vigie.model.misconfiguration import CodeLine

Confidence = Literal["low", "medium", "high"]
CONFIDENCES: tuple[Confidence, ...] = ("low", "medium", "high")


class CommitSeen(Struct, frozen=True, omit_defaults=True):
    """Where in a repository's history a secret stands. commit: the first that has it, with its author, date (RFC 3339)
    and first line; last: the last that has it. present: a tip that was asked for still has it. line: where it stands in
    the first commit, when the finding tells of the file as it lies here; 0 when it tells of that commit's."""

    commit: str
    author: str = ""
    email: str = ""
    date: str = ""
    subject: str = ""
    last: str = ""
    last_date: str = ""
    present: bool = False
    line: int = 0


class SecretCandidate(Struct, frozen=True, tag=True, omit_defaults=True):
    """A place in a file that looks like a secret and was judged. Everything in it is masked.

    rule: its id. path: of the file; what stands in an archive follows behind `!`. start, end: lines from 1; columns
    from 1. offset: of the secret in the file, in bytes. match: the line of the match; key_id: the id that belongs to
    the secret, which is none itself. reason: why the confidence is what it is. noise: it is none, for that reason.
    facts: what was read in the value without being secret. tag: 20 bits of the value's hash, in hex.
    decoded: what it is written as (`base64`, `percent`). allow: why it is let pass, allow_source: what says so, a
    comment or a file with rules. layer: where it is; deleted_by: the later layer that hides the file. origin: where it
    stands when that is no file (`ENV GITHUB_TOKEN` of an image's configuration).
    """

    rule: str
    path: str
    start: int
    end: int
    start_column: int
    end_column: int
    offset: int
    match: str
    code: tuple[CodeLine, ...]
    tag: str
    confidence: Confidence
    reason: str
    noise: bool = False
    key_id: str = ""
    facts: dict[str, str] = {}
    decoded: str = ""
    allow: str = ""
    allow_source: str = ""
    seen: CommitSeen | None = None
    layer: LayerReference | None = None
    deleted_by: LayerReference | None = None
    origin: str = ""

    @property
    def commit(self) -> str:
        """The commit in whose version of the file lines are counted; "" when that is the file as it lies here."""
        return self.seen.commit if self.seen and not self.seen.line else ""


class SecretPart(Struct, frozen=True):
    """A part of a finding that stands in a place of its own: a key's id beside its secret."""

    rule: str
    title: str
    start: int
    end: int
    offset: int
    match: str


class Secret(Struct, frozen=True, kw_only=True, tag_field="kind", tag="secret"):
    """A credential that a rule found.

    id: the rule's. path: as the result's target shows it. parts: what belongs to it and stands beside it. why, fix,
    url: what whoever has it can do, where to revoke and how to replace it, the provider's documentation. verified: what
    the provider said of it, "" when it was not asked. fingerprint: the same in every scan of the same place. aliases:
    rules that found the same and tell less. origin: where it stands when that is no file (`ENV GITHUB_TOKEN`).
    """

    id: str
    category: str
    title: str
    severity: Severity
    path: str
    start: int
    end: int
    start_column: int
    end_column: int
    offset: int
    match: str
    code: tuple[CodeLine, ...]
    confidence: Confidence
    reason: str
    fingerprint: str
    why: str = ""
    fix: str = ""
    url: str = ""
    key_id: str = ""
    facts: dict[str, str] = {}
    decoded: str = ""
    parts: tuple[SecretPart, ...] = ()
    verified: Literal["", "active", "inactive", "unknown"] = ""
    seen: CommitSeen | None = None
    layer: LayerReference | None = None
    deleted_by: LayerReference | None = None
    aliases: tuple[str, ...] = ()
    origin: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """All that ignore files may call it. Its parts are not: who accepts the id of a key accepts no secret."""
        return (self.id, *self.aliases)

    @property
    def tentative(self) -> bool:
        """Never: how sure it is stands in its confidence."""
        return False
