"""WorkSpaces: desktops and their volumes."""

from __future__ import annotations

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service
from vigie.misconfig.value import Attribute


class Encryption(Resource):
    """Encryption of a volume."""

    enabled: Attribute[bool]


class Volume(Resource):
    """A volume."""

    encryption: Encryption


class Workspace(Resource):
    """A desktop."""

    root_volume: Volume
    user_volume: Volume


class WorkSpaces(Resource):
    """The service."""

    workspaces: list[Workspace]


def volume(block: Block, encrypted: str) -> Volume:
    """A volume. encrypted: the attribute that tells."""
    return Volume(cause=block.cause, encryption=Encryption(cause=block.cause, enabled=block.boolean(encrypted)))


def from_terraform(graph: Graph) -> WorkSpaces:
    return WorkSpaces(
        workspaces=[
            Workspace(
                cause=block.cause,
                root_volume=volume(block, "root_volume_encryption_enabled"),
                user_volume=volume(block, "user_volume_encryption_enabled"),
            )
            for block in graph.resources("aws_workspaces_workspace")
        ]
    )


def from_cloudformation(graph: Graph) -> WorkSpaces:
    return WorkSpaces(
        workspaces=[
            Workspace(
                cause=block.cause,
                root_volume=volume(block, "RootVolumeEncryptionEnabled"),
                user_volume=volume(block, "UserVolumeEncryptionEnabled"),
            )
            for block in graph.resources("AWS::WorkSpaces::Workspace")
        ]
    )


service = Service(
    path="aws.workspaces",
    model=WorkSpaces,
    terraform=Adapter(types=("aws_workspaces_workspace",), fill=from_terraform),
    cloudformation=Adapter(types=("AWS::WorkSpaces::Workspace",), fill=from_cloudformation),
)
