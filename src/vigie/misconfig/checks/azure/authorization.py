"""Checks of roles."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.azure.authorization import RoleDefinition

MAKES_ROLES = (
    "Microsoft.Authorization/roleDefinitions/write",
    "Microsoft.Authorization/*/Write",
    "Microsoft.Authorization/*",
    "*",
)


@check(
    "AZU-0030",
    "azure.authorization.role_definitions",
    severity="MEDIUM",
    code="limit-role-actions",
    title="Custom roles should not be wildcards for everything",
    why="A role with a wildcard in its actions that may be given for the root scope lets its holders do more than "
    "anybody foresaw, in every subscription.",
    fix="Name the actions that are needed, and the subscriptions or resource groups the role may be given for.",
    references=("https://learn.microsoft.com/azure/role-based-access-control/custom-roles",),
)
def actions_are_limited(role: RoleDefinition) -> Flaws:
    for permission in role.permissions:
        for action in permission.actions:
            if not action.holds(lambda name: "*" in name).is_true:
                continue
            # The id of a subscription or group is never "/", known or not.
            if any(scope.equals("/") for scope in role.assignable_scopes if not scope.filled):
                yield flaw(f"Role may be given for everything, and allows the action {action.value}.", action)


@check(
    "AZU-0052",
    "azure.authorization.role_definitions",
    severity="MEDIUM",
    code="prevent-custom-role-creation",
    aliases=("azure-role-definition-allows-custom-role-creation",),
    title="Custom roles should not allow making roles",
    why="Who may write role definitions can give their own role any right.",
    fix="Leave out actions that cover Microsoft.Authorization/roleDefinitions/write, wildcards among them.",
    references=("https://learn.microsoft.com/azure/role-based-access-control/custom-roles",),
)
def makes_no_roles(role: RoleDefinition) -> Flaws:
    for permission in role.permissions:
        for action in permission.actions:
            if action.same(*MAKES_ROLES):
                yield flaw(f"Role allows making roles by the action {action.value}.", action)
