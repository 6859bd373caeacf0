"""Checks of protected branches."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.github.branch_protections import BranchProtection


@check(
    "GIT-0004",
    "github.branch_protections.branch_protections",
    service="branchprotections",
    severity="HIGH",
    code="require_signed_commits",
    aliases=("github-branchprotections-require-signed-commits",),
    title="Protected branches should take signed commits only",
    why="The author of a commit is whatever its maker writes. Only a signature shows who made it.",
    fix="Set require_signed_commits to true.",
    references=("https://docs.github.com/en/authentication/managing-commit-signature-verification",),
)
def commits_are_signed(protection: BranchProtection) -> Flaws:
    if protection.require_signed_commits.is_false:
        yield flaw("Protected branch takes commits without a signature.", protection.require_signed_commits)
