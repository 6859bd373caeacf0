"""Protections of branches. The model's path is itself a list: `github.branchprotections[]`."""

from __future__ import annotations

from vigie.misconfig.graph import Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class BranchProtection(Resource):
    """What branches of a name demand."""

    require_signed_commits: Attribute[bool] = absent(False)


class BranchProtections(Resource):
    """The service."""

    branch_protections: list[BranchProtection] = []


def from_terraform(graph: Graph) -> BranchProtections:
    return BranchProtections(
        branch_protections=[
            BranchProtection(cause=block.cause, require_signed_commits=block.boolean("require_signed_commits"))
            for block in graph.resources("github_branch_protection")
        ]
    )


service = Service(
    path="github.branch_protections",
    model=BranchProtections,
    terraform=Adapter(types=("github_branch_protection",), fill=from_terraform),
)
