"""Checks: what is wrong with one object of the model.

    @check("AWS-0089", "aws.s3.buckets", severity="LOW", code="enable-logging", title=…, why=…, fix=…)
    def logs_access(bucket: Bucket) -> Flaws:
        if bucket.logging.enabled.is_false:
            yield flaw("Bucket writes no access log.", bucket.logging.enabled)

The detector calls the function once for each object at the path; lists on the way are walked. What raises is a problem
of that one object and check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from msgspec import Struct

from vigie.misconfig.value import Attribute, Cause
from vigie.model.advisory import Severity


class Flaw(NamedTuple):
    """One thing wrong, and where."""

    message: str
    cause: Cause


Flaws = Iterator[Flaw]


LANGUAGES = {"dockerfile": "docker", "kubernetes": "kubernetes"}
"""How long ids of checks begin that judge a language as it is: they name no service. Network policies are judged by the
model."""


class Check(Struct, frozen=True, kw_only=True):
    """A check and everything people are told about it.

    paths: where the objects stand in the model, by the names of its fields (`aws.ec2.security_groups.ingress_rules`;
    `dockerfile.file`, `kubernetes.container` … for the languages that are judged as they are). needs: services
    (`aws.s3`) that `run` takes besides the object. provider, service: as reports show them. code: the short code.
    aliases: further names besides `AVD-` + id, the short code and provider-service-code. why, fix: whole sentences.
    frameworks: benchmarks it belongs to; without `default` it runs only when one of them is asked for.
    """

    id: str
    paths: tuple[str, ...]
    run: Callable[..., Iterable[Flaw]]
    provider: str
    service: str
    code: str
    severity: Severity
    title: str
    why: str
    fix: str
    references: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    frameworks: tuple[str, ...] = ("default",)
    needs: tuple[str, ...] = ()
    deprecated: bool = False

    @property
    def long_id(self) -> str:
        """As older versions of the field's tools call it."""
        if self.provider in LANGUAGES and self.service != "network":
            return f"{LANGUAGES[self.provider]}-{self.code}"
        return f"{self.provider}-{self.service}-{self.code}"

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that ignore files and comments may call it, the id first."""
        return tuple(dict.fromkeys((self.id, f"AVD-{self.id}", self.long_id, self.code, *self.aliases)))


def check(
    id: str,
    *paths: str,
    severity: Severity,
    code: str,
    title: str,
    why: str,
    fix: str,
    service: str = "",
    references: tuple[str, ...] = (),
    aliases: tuple[str, ...] = (),
    frameworks: tuple[str, ...] = ("default",),
    needs: tuple[str, ...] = (),
    deprecated: bool = False,
) -> Callable[[Callable[..., Iterable[Flaw]]], Check]:
    """Declares a check. Provider and service are the first two parts of the first path unless told otherwise."""
    provider, _, rest = paths[0].partition(".")

    def declare(run: Callable[..., Iterable[Flaw]]) -> Check:
        return Check(
            id=id,
            paths=paths,
            run=run,
            provider=provider,
            service=service or rest.partition(".")[0],
            code=code,
            severity=severity,
            title=title,
            why=why,
            fix=fix,
            references=references,
            aliases=aliases,
            frameworks=frameworks,
            needs=needs,
            deprecated=deprecated,
        )

    return declare


def flaw(message: str, at: Attribute[Any] | Cause | Any) -> Flaw:
    """A flaw at an attribute, at an object of the model, or at a place. Tells when the attribute's value is not known:
    then it is found because it is not certainly right."""
    if isinstance(at, Attribute) and not at.known:
        message = f"{message} (The value is not known here.)"
    return Flaw(message, at if isinstance(at, Cause) else at.cause)
