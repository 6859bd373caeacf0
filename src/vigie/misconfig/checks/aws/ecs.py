"""Checks of ECS."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.credentials import credential_in
from vigie.misconfig.resources.aws.ecs import Cluster, ContainerDefinition, Volume

GUIDE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide"
SECRET_NAMES = (
    "password",
    "secret",
    "private_key",
    "aws_access_key_id",
    "aws_secret_access_key",
    "token",
    "api_key",
)
HARMLESS_NAMES = ("token_type", "version")


@check(
    "AWS-0034",
    "aws.ecs.clusters",
    severity="LOW",
    code="enable-container-insight",
    title="ECS clusters should use Container Insights",
    why="Container Insights collects metrics and events of tasks, with which failures and misuse are noticed.",
    fix="Set the cluster setting containerInsights to enabled or enhanced.",
    references=(f"{GUIDE}/cloudwatch-container-insights.html",),
)
def container_insights(cluster: Cluster) -> Flaws:
    if not cluster.settings.container_insights_enabled.is_true:
        yield flaw("Container Insights is not on.", cluster.settings.container_insights_enabled)


@check(
    "AWS-0035",
    "aws.ecs.task_definitions.volumes",
    severity="HIGH",
    code="enable-in-transit-encryption",
    title="EFS volumes of ECS tasks should be encrypted in transit",
    why="Files on EFS cross the network. Without encryption they can be read and changed on their way.",
    fix="Set `transit_encryption` (CloudFormation: `TransitEncryption`) of the volume's EFS configuration to ENABLED.",
    references=(f"{GUIDE}/efs-volumes.html",),
)
def transit_encryption(volume: Volume) -> Flaws:
    enabled = volume.efs_volume_configuration.transit_encryption_enabled
    if not enabled.is_true:
        yield flaw("The EFS volume is mounted without encryption in transit.", enabled)


@check(
    "AWS-0036",
    "aws.ecs.task_definitions.container_definitions",
    severity="CRITICAL",
    code="no-plaintext-secrets",
    title="Environments of ECS containers should hold no secrets",
    why="Whoever may see the task definition, in the code or in the console, reads the secret.",
    fix="Keep the value in Secrets Manager or the Parameter Store, and name it under `secrets` instead of "
    "`environment`.",
    references=(f"{GUIDE}/specifying-sensitive-data.html",),
)
def plaintext_secrets(container: ContainerDefinition) -> Flaws:
    for variable in container.environment:
        if not variable.name.certain():
            continue
        name = variable.name.value.lower()
        if not name.startswith(HARMLESS_NAMES) and any(part in name for part in SECRET_NAMES):
            yield flaw(f"The variable {variable.name.value} holds a secret in plain text.", variable.name)
        elif variable.value.known and (what := credential_in(variable.value.value)):
            yield flaw(f"The variable {variable.name.value} holds {what} in plain text.", variable.value)
