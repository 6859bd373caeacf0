"""A unit of Terraform as a project."""

from __future__ import annotations

from vigie.misconfig.language import Files, Project, Unit
from vigie.misconfig.languages.terraform.graph import TerraformGraph
from vigie.misconfig.languages.terraform.provenance import Provenance
from vigie.misconfig.languages.terraform.unit import TerraformUnit
from vigie.settings.groups import MisconfigOptions


def load(unit: Unit, files: Files, options: MisconfigOptions) -> Project:
    """Reads a root module with what it calls."""
    terraform = TerraformUnit(files, unit.path, options)
    graph = TerraformGraph(terraform)
    provenance = Provenance(graph)
    return Project(
        target=unit.path or ".",
        graph=graph,
        problems=terraform.problems,
        texts=terraform.texts,
        render=provenance.render,
        origins=provenance.origins,
    )
