"""A unit of Terraform as a project."""

from __future__ import annotations

from vigie.misconfig.language import Files, Project, Unit
from vigie.misconfig.languages.terraform.graph import TerraformGraph
from vigie.misconfig.languages.terraform.provenance import Provenance
from vigie.misconfig.languages.terraform.unit import TerraformUnit
from vigie.settings.groups import MisconfigOptions


def load(unit: Unit, files: Files, options: MisconfigOptions) -> Project:
    """Reads a root module with what it calls."""
    return project(TerraformUnit(files, unit.path, options), unit.path or ".")


def project(terraform: TerraformUnit, target: str, type: str = "") -> Project:
    """The modules of a unit as a project."""
    graph = TerraformGraph(terraform)
    provenance = Provenance(graph)
    return Project(
        target=target,
        graph=graph,
        problems=terraform.problems,
        type=type,
        texts=terraform.texts,
        render=provenance.render,
        origins=provenance.origins,
    )
