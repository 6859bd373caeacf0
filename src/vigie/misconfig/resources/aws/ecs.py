"""ECS: clusters and task definitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vigie.misconfig.graph import Block, Graph, plain, text
from vigie.misconfig.resource import Adapter, Resource, Service
from vigie.misconfig.resources.aws.policy import MOST_ITEMS, decoded
from vigie.misconfig.value import UNRESOLVED, Attribute, Cause, Unknown


class ClusterSettings(Resource):
    """Settings of a cluster."""

    container_insights_enabled: Attribute[bool]


class Cluster(Resource):
    """A cluster."""

    settings: ClusterSettings


class EFSVolumeConfiguration(Resource):
    """How a volume on EFS is mounted; encrypted for volumes that are not on EFS."""

    transit_encryption_enabled: Attribute[bool]


class Volume(Resource):
    """A volume of a task."""

    efs_volume_configuration: EFSVolumeConfiguration


class PortMapping(Resource):
    """A port of a container."""

    container_port: Attribute[int]
    host_port: Attribute[int]


class EnvironmentVariable(Resource):
    """A variable that a container sees."""

    name: Attribute[str]
    value: Attribute[str]


class ContainerDefinition(Resource):
    """A container of a task."""

    name: Attribute[str]
    image: Attribute[str]
    cpu: Attribute[str]
    memory: Attribute[str]
    essential: Attribute[bool]
    port_mappings: list[PortMapping]
    environment: list[EnvironmentVariable]
    privileged: Attribute[bool]


class TaskDefinition(Resource):
    """A task."""

    volumes: list[Volume]
    container_definitions: list[ContainerDefinition]


class ECS(Resource):
    """The service."""

    clusters: list[Cluster]
    task_definitions: list[TaskDefinition]


def insights(block: Block, settings: str, names: tuple[str, str]) -> ClusterSettings:
    """Whether the cluster's settings turn on Container Insights. names: of a setting's name and value."""
    name, value = names
    for part in block.blocks(settings):
        if part.string(name).equals("containerInsights"):
            enabled = part.string(value).holds(lambda text: text in ("enabled", "enhanced"))
            return ClusterSettings(cause=part.cause, container_insights_enabled=enabled)
    return ClusterSettings(cause=block.cause, container_insights_enabled=Attribute(False, block.cause, explicit=False))


def volume(block: Block, name: str, encryption: str) -> Volume:
    """A volume. name, encryption: of the nested block and its attribute."""
    part = block.block(name)
    if part is None:
        enabled = Attribute(True, block.cause, explicit=False)
    else:
        # AWS's default is DISABLED in both languages; the field takes it for enabled in Terraform.
        enabled = part.string(encryption, "DISABLED").holds(lambda text: text.upper() == "ENABLED")
    return Volume(
        cause=block.cause,
        efs_volume_configuration=EFSVolumeConfiguration(
            cause=(part or block).cause, transit_encryption_enabled=enabled
        ),
    )


def from_terraform(graph: Graph) -> ECS:
    return ECS(
        clusters=[
            Cluster(cause=block.cause, settings=insights(block, "setting", ("name", "value")))
            for block in graph.resources("aws_ecs_cluster")
        ],
        task_definitions=[
            TaskDefinition(
                cause=block.cause,
                volumes=[
                    volume(part, "efs_volume_configuration", "transit_encryption") for part in block.blocks("volume")
                ],
                container_definitions=definitions(block, "container_definitions"),
            )
            for block in graph.resources("aws_ecs_task_definition")
        ],
    )


def definitions(block: Block, path: str) -> list[ContainerDefinition]:
    """The containers in a JSON text; one that is not known when the text is not."""
    found, cause = block.raw(path)
    if found is None:
        return []
    value = plain(found.value)
    if isinstance(value, Unknown):
        value = value.like
    if isinstance(value, str):
        value = decoded(value)
    if isinstance(value, Mapping):
        value = [value]
    if not isinstance(value, list):
        value = [{"environment": [{"name": None, "value": None}]}]
    return [definition(item, cause) for item in value[:MOST_ITEMS] if isinstance(item, Mapping)]


def definition(written: Mapping[str, Any], cause: Cause) -> ContainerDefinition:
    """A container as JSON writes it. All stands at the text as a whole."""
    ports, environment = plain(written.get("portMappings")), plain(written.get("environment"))
    return ContainerDefinition(
        cause=cause,
        name=member(written, "name", cause),
        image=member(written, "image", cause),
        cpu=member(written, "cpu", cause),
        memory=member(written, "memory", cause),
        essential=truth(written, "essential", cause),
        port_mappings=[
            PortMapping(
                cause=cause,
                container_port=number(item, "containerPort", cause),
                host_port=number(item, "hostPort", cause),
            )
            for item in (ports if isinstance(ports, list) else ())[:MOST_ITEMS]
            if isinstance(item, Mapping)
        ],
        environment=[
            EnvironmentVariable(cause=cause, name=member(item, "name", cause), value=member(item, "value", cause))
            for item in (environment if isinstance(environment, list) else ())[:MOST_ITEMS]
            if isinstance(item, Mapping)
        ],
        privileged=truth(written, "privileged", cause),
    )


def member(written: Mapping[str, Any], key: str, cause: Cause) -> Attribute[str]:
    """A text. Not known when it is null or nothing of it is known."""
    if key not in written:
        return Attribute("", cause, explicit=False)
    found = text(written[key], cause)
    return Attribute("", cause, known=False) if found.value == UNRESOLVED else found


def truth(written: Mapping[str, Any], key: str, cause: Cause) -> Attribute[bool]:
    """A truth value."""
    value = plain(written.get(key, False))
    return Attribute(value is True, cause, known=isinstance(value, bool), explicit=key in written)


def number(written: Mapping[str, Any], key: str, cause: Cause) -> Attribute[int]:
    """A whole number."""
    value = plain(written.get(key, 0))
    known = isinstance(value, int) and not isinstance(value, bool)
    return Attribute(value if known else 0, cause, known=known, explicit=key in written)


def from_cloudformation(graph: Graph) -> ECS:
    return ECS(
        clusters=[
            Cluster(cause=block.cause, settings=insights(block, "ClusterSettings", ("Name", "Value")))
            for block in graph.resources("AWS::ECS::Cluster")
        ],
        task_definitions=[
            TaskDefinition(
                cause=block.cause,
                volumes=[
                    volume(part, "EFSVolumeConfiguration", "TransitEncryption") for part in block.blocks("Volumes")
                ],
                container_definitions=[
                    ContainerDefinition(
                        cause=part.cause,
                        name=part.string("Name"),
                        image=part.string("Image"),
                        cpu=part.string("Cpu"),
                        memory=part.string("Memory"),
                        essential=part.boolean("Essential"),
                        port_mappings=[
                            PortMapping(
                                cause=port.cause,
                                container_port=port.integer("ContainerPort"),
                                host_port=port.integer("HostPort"),
                            )
                            for port in part.blocks("PortMappings")
                        ],
                        environment=[
                            EnvironmentVariable(
                                cause=variable.cause, name=variable.string("Name"), value=variable.string("Value")
                            )
                            for variable in part.blocks("Environment")
                        ],
                        privileged=part.boolean("Privileged"),
                    )
                    for part in block.blocks("ContainerDefinitions")
                ],
            )
            for block in graph.resources("AWS::ECS::TaskDefinition")
        ],
    )


service = Service(
    path="aws.ecs",
    model=ECS,
    terraform=Adapter(types=("aws_ecs_cluster", "aws_ecs_task_definition"), fill=from_terraform),
    cloudformation=Adapter(types=("AWS::ECS::Cluster", "AWS::ECS::TaskDefinition"), fill=from_cloudformation),
)
