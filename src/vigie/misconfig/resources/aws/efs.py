"""EFS: file systems."""

from __future__ import annotations

from vigie.misconfig.graph import Graph
from vigie.misconfig.resource import Adapter, Resource, Service
from vigie.misconfig.value import Attribute


class FileSystem(Resource):
    """A file system."""

    encrypted: Attribute[bool]


class EFS(Resource):
    """The service."""

    file_systems: list[FileSystem]


def from_terraform(graph: Graph) -> EFS:
    return EFS(
        file_systems=[
            FileSystem(cause=block.cause, encrypted=block.boolean("encrypted"))
            for block in graph.resources("aws_efs_file_system")
        ]
    )


def from_cloudformation(graph: Graph) -> EFS:
    return EFS(
        file_systems=[
            FileSystem(cause=block.cause, encrypted=block.boolean("Encrypted"))
            for block in graph.resources("AWS::EFS::FileSystem")
        ]
    )


service = Service(
    path="aws.efs",
    model=EFS,
    terraform=Adapter(types=("aws_efs_file_system",), fill=from_terraform),
    cloudformation=Adapter(types=("AWS::EFS::FileSystem",), fill=from_cloudformation),
)
