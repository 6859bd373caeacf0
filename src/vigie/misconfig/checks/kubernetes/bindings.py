"""Checks of whom roles are given to."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, flaw
from vigie.misconfig.checks.kubernetes.declared import RBAC, workload
from vigie.misconfig.languages.kubernetes.objects import Binding, text

# The peer asks for the kind `ClusterRolebinding`, which none is: its rules about subjects see RoleBindings only.
ADMINISTRATORS = frozenset({"cluster-admin", "admin", "edit"})


def _subjects(binding: Binding, *names: str) -> Flaws:
    for subject in binding.subjects:
        name = text(subject.get("name"))
        if name in names:
            yield flaw(f"{binding.subject} gives the role '{binding.role}' to '{name}'.", binding.object.item(subject))


@workload(
    "KSV-0111",
    "binding",
    "MEDIUM",
    "cluster-admin0-role-only-used-where-required",
    "The roles cluster-admin, admin and edit should be bound where it must be only",
    "They allow nearly everything; whoever takes over one of their holders has it, too.",
    "Bind a role that allows what is needed.",
    RBAC,
)
def administrators(binding: Binding) -> Flaws:
    if binding.role in ADMINISTRATORS:
        yield flaw(
            f"{binding.subject} gives the role '{binding.role}'.", binding.object.below(binding.object.data, "roleRef")
        )


@workload(
    "KSV-0122",
    "binding",
    "CRITICAL",
    "no-anonymous-user-bind",
    "Anonymous users should get no role",
    "Everybody who reaches the API may then do what the role allows, without any credential.",
    "Remove `system:anonymous` and `system:unauthenticated` from the subjects.",
    RBAC,
)
def anonymous(binding: Binding) -> Flaws:
    yield from _subjects(binding, "system:unauthenticated", "system:anonymous")


@workload(
    "KSV-0123",
    "binding",
    "CRITICAL",
    "no-system-masters-group-bind",
    "The group system:masters should not be bound",
    "Its members go past every check of rights, and cannot be stopped by removing a binding.",
    "Bind a role to users, or to a group of your own.",
    RBAC,
    alias="KSV0123",
)
def masters(binding: Binding) -> Flaws:
    yield from _subjects(binding, "system:masters")


@workload(
    "KSV-01011",
    "binding",
    "CRITICAL",
    "no-system-authenticated-group-bind",
    "On GKE the group system:authenticated should get no role",
    "On Google's clusters it holds everybody who has a Google account.",
    "Remove `system:authenticated` from the subjects and name users or groups.",
    "https://cloud.google.com/kubernetes-engine/docs/best-practices/rbac#default-roles-groups",
    alias="KSV01011",
)
def authenticated(binding: Binding) -> Flaws:
    # only a version that was given can say whose cluster it is
    if "-gke" in binding.object.version:
        yield from _subjects(binding, "system:authenticated")
