"""How checks of Kubernetes are declared: what is the same for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from vigie.misconfig.check import Check, check
from vigie.model.advisory import Severity

DOCS = "https://kubernetes.io/docs/"
STANDARDS = DOCS + "concepts/security/pod-security-standards/"
CONTEXT = DOCS + "tasks/configure-pod-container/security-context/"
RBAC = DOCS + "concepts/security/rbac-good-practices/"

Declare = Callable[[Callable[..., Iterable[Any]]], Check]


def workload(  # noqa: PLR0917
    id: str,
    path: str,
    severity: Severity,
    code: str,
    title: str,
    why: str,
    fix: str,
    *references: str,
    alias: str | None = None,
    more: tuple[str, ...] = (),
    deprecated: bool = False,
) -> Declare:
    """A check of workloads and what they use. alias: the older id, by rule three digits."""
    if alias is None:
        alias = f"KSV{int(id.partition('-')[2]):03}"
    aliases = (*([alias] if alias else []), f"kubernetes-{code.replace('_', '-')}", *more)
    return check(
        id,
        f"kubernetes.{path}",
        severity=severity,
        code=code,
        service="workload",
        title=title,
        why=why,
        fix=fix,
        references=references,
        aliases=aliases,
        deprecated=deprecated,
    )


def cluster(  # noqa: PLR0917
    id: str,
    path: str,
    code: str,
    title: str,
    why: str,
    fix: str,
    *references: str,
    severity: Severity = "LOW",
    alias: str = "",
    more: tuple[str, ...] = (),
    frameworks: tuple[str, ...] = ("default",),
) -> Declare:
    """A check of the cluster's own programs. alias: the older id, by rule the same without the dash."""
    return check(
        id,
        f"kubernetes.{path}",
        severity=severity,
        code=code,
        service="cluster",
        title=title,
        why=why,
        fix=fix,
        references=references,
        aliases=(alias or id.replace("-", ""), f"kubernetes-{code}", *more),
        frameworks=frameworks,
    )
