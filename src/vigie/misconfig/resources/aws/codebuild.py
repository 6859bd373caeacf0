"""CodeBuild: projects and what they do with their artifacts."""

from __future__ import annotations

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service
from vigie.misconfig.value import Attribute


class ArtifactSettings(Resource):
    """How an artifact is stored."""

    encryption_enabled: Attribute[bool]


class Project(Resource):
    """A build project."""

    artifact_settings: ArtifactSettings
    secondary_artifact_settings: list[ArtifactSettings]


class CodeBuild(Resource):
    """The service."""

    projects: list[Project]


def settings(block: Block, type: str, disabled: str) -> ArtifactSettings:
    """The settings of one artifact. type, disabled: the names of the attributes."""
    off = block.boolean(disabled)
    # Without an artifact there is nothing to encrypt, and AWS ignores the switch.
    if block.has(type) and block.string(type).equals("NO_ARTIFACTS"):
        off = Attribute(False, off.cause, explicit=False)
    # CloudFormation's property, too, means the contrary of the field's name; the field passes it on as it is.
    return ArtifactSettings(cause=block.cause, encryption_enabled=off.holds(lambda value: not value))


def projects(graph: Graph, kind: str, main: str, secondary: str, names: tuple[str, str]) -> CodeBuild:
    """All projects. main, secondary: the blocks of artifacts, names: their attributes."""
    return CodeBuild(
        projects=[
            Project(
                cause=block.cause,
                artifact_settings=(
                    settings(part, *names)
                    if (part := block.block(main))
                    else ArtifactSettings(
                        cause=block.cause, encryption_enabled=Attribute(True, block.cause, explicit=False)
                    )
                ),
                secondary_artifact_settings=[settings(part, *names) for part in block.blocks(secondary)],
            )
            for block in graph.resources(kind)
        ]
    )


def from_terraform(graph: Graph) -> CodeBuild:
    names = ("type", "encryption_disabled")
    return projects(graph, "aws_codebuild_project", "artifacts", "secondary_artifacts", names)


def from_cloudformation(graph: Graph) -> CodeBuild:
    names = ("Type", "EncryptionDisabled")
    return projects(graph, "AWS::CodeBuild::Project", "Artifacts", "SecondaryArtifacts", names)


service = Service(
    path="aws.codebuild",
    model=CodeBuild,
    terraform=Adapter(types=("aws_codebuild_project",), fill=from_terraform),
    cloudformation=Adapter(types=("AWS::CodeBuild::Project",), fill=from_cloudformation),
)
