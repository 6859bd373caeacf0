"""Checks of repositories."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.github.repositories import Repository

REPOSITORIES = "github.repositories.repositories"


@check(
    "GIT-0001",
    REPOSITORIES,
    severity="CRITICAL",
    code="private",
    title="Repositories should be private",
    why="Everybody can read a public repository with its whole history, secrets and unfinished work included.",
    fix="Set visibility to private or internal, unless the repository is meant for the public.",
    references=("https://docs.github.com/en/repositories/creating-and-managing-repositories/about-repositories",),
)
def is_private(repository: Repository) -> Flaws:
    if repository.public.is_true:
        yield flaw("Repository is public.", repository.public)


@check(
    "GIT-0003",
    REPOSITORIES,
    severity="HIGH",
    code="enable_vulnerability_alerts",
    aliases=("github-repositories-enable-vulnerability-alerts",),
    title="Repositories should get alerts about vulnerable dependencies",
    why="Without alerts, known holes in dependencies stay in use until somebody looks for them.",
    fix="Set vulnerability_alerts to true.",
    references=("https://docs.github.com/en/code-security/dependabot/dependabot-alerts/about-dependabot-alerts",),
)
def gets_alerts(repository: Repository) -> Flaws:
    if repository.vulnerability_alerts.is_false and repository.archived.is_false:
        yield flaw("Repository gets no alerts about vulnerable dependencies.", repository.vulnerability_alerts)
