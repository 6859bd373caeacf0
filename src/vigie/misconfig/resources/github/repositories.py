"""Repositories. The model's path is itself a list: `github.repositories[]`."""

from __future__ import annotations

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute

REPOSITORY, ALERTS = "github_repository", "github_repository_vulnerability_alerts"


class Repository(Resource):
    """A repository; a placeholder for alerts of one that is elsewhere."""

    public: Attribute[bool] = absent(False)
    vulnerability_alerts: Attribute[bool] = absent(False)
    archived: Attribute[bool] = absent(False)


class Repositories(Resource):
    """The service."""

    repositories: list[Repository] = []


def from_terraform(graph: Graph) -> Repositories:
    found: dict[Block | None, Repository] = {block: _repository(block) for block in graph.resources(REPOSITORY)}
    orphans: list[Repository] = []
    for block in graph.resources(ALERTS):
        repository = found.get(graph.target(block, "repository", REPOSITORY))
        if repository is None:
            repository = Repository()
            orphans.append(repository)
        repository.vulnerability_alerts = block.boolean("enabled", True)
    return Repositories(repositories=[*found.values(), *orphans])


def _repository(block: Block) -> Repository:
    # The newer attribute wins. Without either, a repository is public.
    if block.has("visibility"):
        public = block.string("visibility").holds(lambda visibility: visibility.lower() == "public")
    else:
        private = block.boolean("private")
        public = Attribute(private.known and not private.value, private.cause, private.known, private.explicit)
    return Repository(
        cause=block.cause,
        public=public,
        vulnerability_alerts=block.boolean("vulnerability_alerts"),
        archived=block.boolean("archived"),
    )


service = Service(
    path="github.repositories",
    model=Repositories,
    terraform=Adapter(types=(REPOSITORY, ALERTS), fill=from_terraform),
)
