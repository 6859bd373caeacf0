"""Which checks have something to say about which kinds: what counts as passed in a file.

The field's rules name kinds; a rule that names none is tried on, and passed by, every object.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from vigie.misconfig.languages.kubernetes.objects import POD_PATHS, Object

BINDINGS = frozenset({"RoleBinding", "ClusterRoleBinding"})
ROLES = frozenset({"Role", "ClusterRole"})
KINDS: dict[str, frozenset[str]] = {
    "KSV-0039": frozenset({"LimitRange"}),
    "KSV-0040": frozenset({"ResourceQuota"}),
    "KSV-0041": frozenset({"ClusterRole"}),
    "KSV-0046": frozenset({"ClusterRole"}),
    "KSV-0108": frozenset({"Service"}),
    "KSV-0109": frozenset({"ConfigMap"}),
    "KSV-0111": BINDINGS,
    "KSV-0112": frozenset({"Role"}),
    "KSV-0113": frozenset({"Role"}),
    "KSV-0122": BINDINGS,
    "KSV-0123": BINDINGS,
    "KSV-01010": frozenset({"ConfigMap"}),
    "KSV-01011": BINDINGS,
    **{f"KSV-{number:04}": ROLES for number in (42, 48, 49, 50, 53, 56, 114, 115)},
}
"""Checks of single kinds."""
ANY = frozenset(
    {
        *("KCV-0093", *(f"KCV-{number:04}" for number in range(1, 48))),
        *(f"KSV-{number:04}" for number in (36, 37, 38, 43, 44, 45, 47, 51, 52, 54, 55)),
        *(f"KSV-{number:04}" for number in (102, 105, 106, 107, 117, 124)),
    }
)
"""Checks that every object passes that they have nothing to say about (measured with the peer, kind by kind)."""
SPECIAL = frozenset().union(*KINDS.values())
PODS = "Pod"
"""Stands for all kinds that hold pods."""


@cache
def _of(kinds: frozenset[str]) -> frozenset[str]:
    from vigie.misconfig import catalog

    ids = {check.id for check in catalog.checks("kubernetes")}
    found = ids & ANY
    if PODS in kinds:
        found |= ids - ANY - KINDS.keys()
    return frozenset(found | {id_ for id_ in ids & KINDS.keys() if not kinds.isdisjoint(KINDS[id_])})


def of_kinds(kinds: Iterable[str]) -> frozenset[str]:
    """The ids of the checks that apply to objects of these kinds."""
    return _of(frozenset(PODS if kind in POD_PATHS else kind for kind in kinds if kind in SPECIAL or kind in POD_PATHS))


def applicable(objects: Iterable[Object], pods: bool = False) -> frozenset[str]:
    """The ids of the checks that apply to these objects. pods: some hold pods, whatever their kinds."""
    kinds = {object_.kind for object_ in objects}
    return of_kinds(kinds | {PODS} if pods else kinds) if kinds else frozenset()
