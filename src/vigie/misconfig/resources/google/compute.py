"""Compute Engine: instances, disks, networks and their firewalls, policies of TLS, metadata of the project."""

from __future__ import annotations

from msgspec import field

from vigie.misconfig.graph import Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.resources.google.instances import Disk, Instance, disk, instance, switch
from vigie.misconfig.resources.google.network import TYPES, Network, Networks
from vigie.misconfig.value import Attribute


class SslPolicy(Resource):
    """minimum_tls_version: `TLS_1_0`, `TLS_1_1`, `TLS_1_2`, `TLS_1_3`."""

    name: Attribute[str] = absent("")
    profile: Attribute[str] = absent("")
    minimum_tls_version: Attribute[str] = absent("TLS_1_0")


class ProjectMetadata(Resource):
    """Metadata that all instances of the project take over."""

    enable_os_login: Attribute[bool] = absent(False)


class Compute(Resource):
    """The service."""

    disks: list[Disk] = []
    networks: list[Network] = []
    ssl_policies: list[SslPolicy] = []
    project_metadata: ProjectMetadata = field(default_factory=ProjectMetadata)
    instances: list[Instance] = []


def terraform(graph: Graph) -> Compute:
    """Compute Engine of a Terraform project."""
    networks = Networks(graph)
    return Compute(
        disks=[disk(block) for block in graph.resources("google_compute_disk")],
        networks=networks.all(),
        ssl_policies=[
            SslPolicy(
                cause=block.cause,
                name=block.string("name"),
                profile=block.string("profile"),
                minimum_tls_version=block.string("min_tls_version", "TLS_1_0"),
            )
            for block in graph.resources("google_compute_ssl_policy")
        ],
        project_metadata=project_metadata(graph),
        instances=[instance(graph, networks, block) for block in graph.resources("google_compute_instance")],
    )


def project_metadata(graph: Graph) -> ProjectMetadata:
    """The metadata of the project; of several projects, the first that does not turn OS Login on."""
    found = [
        ProjectMetadata(cause=block.cause, enable_os_login=switch(block, "enable-oslogin"))
        for block in graph.resources("google_compute_project_metadata")
    ]
    for metadata in found:
        if not (metadata.enable_os_login.known and metadata.enable_os_login.value):
            return metadata
    return found[0] if found else ProjectMetadata()


service = Service(
    path="google.compute",
    model=Compute,
    terraform=Adapter(
        types=(
            *TYPES,
            "google_compute_disk",
            "google_compute_ssl_policy",
            "google_compute_project_metadata",
            "google_compute_instance",
        ),
        fill=terraform,
        always=True,
    ),
)
