"""IAM: grants at organizations, folders and projects, audit logs, and workload identity.

Grants hang on the organization, folder or project that they name. Those that name none of the configuration share a
placeholder for each that they name. Grants at a single resource (a topic, a bucket, a database) count as grants of
their project.
"""

from __future__ import annotations

from typing import TypeVar

from vigie.misconfig.graph import Block, Graph, plain
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.resources.google.grants import Binding, Member, binding, member
from vigie.misconfig.value import UNKNOWN, Attribute, Unknown

IN_PROJECTS = (
    "google_project",
    "google_cloud_run_service",
    "google_compute_instance",
    "google_compute_subnetwork",
    "google_data_catalog_entry_group",
    "google_pubsub_subscription",
    "google_pubsub_topic",
    "google_sourcerepo_repository",
    "google_spanner_database",
    "google_spanner_instance",
    "google_storage_bucket",
)
"""What roles are granted at, with `_iam_member` and `_iam_binding`, within a project."""


class AuditLogConfig(Resource):
    """log_type: `ADMIN_READ`, `DATA_READ`, `DATA_WRITE`."""

    log_type: Attribute[str] = absent("")
    exempted_members: list[Attribute[str]] = []


class AuditConfig(Resource):
    """service: `allServices`, or one such as `storage.googleapis.com`."""

    service: Attribute[str] = absent("")
    audit_log_configs: list[AuditLogConfig] = []


class Holder(Resource):
    """What roles are granted at."""

    members: list[Member] = []
    bindings: list[Binding] = []
    audit_configs: list[AuditConfig] = []


class Organization(Holder):
    """An organization."""


class Folder(Holder):
    """A folder."""


class Project(Holder):
    auto_create_network: Attribute[bool] = absent(False)


class WorkloadIdentityPoolProvider(Resource):
    """attribute_condition: which tokens of the provider are accepted, in CEL; empty for all."""

    workload_identity_pool_id: Attribute[str] = absent("")
    workload_identity_pool_provider_id: Attribute[str] = absent("")
    attribute_condition: Attribute[str] = absent("")


class IAM(Resource):
    """The service."""

    organizations: list[Organization] = []
    workload_identity_pool_providers: list[WorkloadIdentityPoolProvider] = []
    projects: list[Project] = []
    folders: list[Folder] = []


H = TypeVar("H", bound=Holder)


def terraform(graph: Graph) -> IAM:
    """IAM of a Terraform project."""
    projects = {
        block: Project(cause=block.cause, auto_create_network=block.boolean("auto_create_network", True))
        for block in graph.resources("google_project")
    }
    folders = {block: Folder(cause=block.cause) for block in graph.resources("google_folder")}
    organizations = {block: Organization(cause=block.cause) for block in graph.data("google_organization")}
    ids = {named(block, "project_id"): block for block in reversed(list(projects))}
    return IAM(
        organizations=hang(graph, organizations, Organization, "org_id", ("google_organization",), ids={}),
        folders=hang(graph, folders, Folder, "folder", ("google_folder",), ids={}),
        projects=hang(graph, projects, Project, "project", IN_PROJECTS, ids=ids),
        workload_identity_pool_providers=[
            WorkloadIdentityPoolProvider(
                cause=block.cause,
                workload_identity_pool_id=block.string("workload_identity_pool_id"),
                workload_identity_pool_provider_id=block.string("workload_identity_pool_provider_id"),
                attribute_condition=block.string("attribute_condition"),
            )
            for block in graph.resources("google_iam_workload_identity_pool_provider")
        ],
    )


def hang(
    graph: Graph,
    holders: dict[Block, H],
    kind: type[H],
    path: str,
    prefixes: tuple[str, ...],
    *,
    ids: dict[object, Block],
) -> list[H]:
    """Puts grants and audit configurations where their attribute at `path` points, or at placeholders. ids: the
    holders by what the attribute says when it does not refer to them."""
    placeholders: dict[object, H] = {}
    type_ = prefixes[0]

    def owner(block: Block) -> H:
        called = named(block, path)
        target = graph.target(block, path, type_, f"data.{type_}") or (ids.get(called) if called else None)
        if target is None or target not in holders:
            return placeholders.setdefault(called, kind())
        return holders[target]

    for prefix in prefixes:
        for block in graph.resources(f"{prefix}_iam_member"):
            owner(block).members.append(member(block))
        for block in graph.resources(f"{prefix}_iam_binding"):
            owner(block).bindings.append(binding(block))
    for block in graph.resources(f"{type_}_iam_audit_config"):
        owner(block).audit_configs.append(audit_config(block))
    return [*holders.values(), *placeholders.values()]


def named(block: Block, path: str) -> object:
    """What a block calls something, to be compared: a text, or what an unknown value has of its own: the attribute it
    is of, the variable it comes from (whose value is one object wherever it is used). None when nothing is known."""
    found = block.find(path)
    value = plain(found.value) if found is not None else None
    if isinstance(value, Unknown):
        if value.source is not None:
            return id(value.source), value.attribute, value.like
        return None if value is UNKNOWN else id(value)
    return value if isinstance(value, str) else None


def audit_config(block: Block) -> AuditConfig:
    return AuditConfig(
        cause=block.cause,
        service=block.string("service"),
        audit_log_configs=[
            AuditLogConfig(
                cause=nested.cause,
                log_type=nested.string("log_type"),
                exempted_members=nested.strings("exempted_members"),
            )
            for nested in block.blocks("audit_log_config")
        ],
    )


service = Service(
    path="google.iam",
    model=IAM,
    terraform=Adapter(
        types=(
            "google_project",
            "google_folder",
            "data.google_organization",
            "google_iam_workload_identity_pool_provider",
            *(f"{prefix}_iam_member" for prefix in (*IN_PROJECTS, "google_folder", "google_organization")),
            *(f"{prefix}_iam_binding" for prefix in (*IN_PROJECTS, "google_folder", "google_organization")),
            "google_project_iam_audit_config",
            "google_folder_iam_audit_config",
            "google_organization_iam_audit_config",
        ),
        fill=terraform,
    ),
)
