"""Instances of Compute Engine and their disks."""

from __future__ import annotations

from msgspec import field

from vigie.misconfig.graph import Block, Graph, plain
from vigie.misconfig.resource import Resource, absent
from vigie.misconfig.resources.google.network import Network, Networks, Subnetwork
from vigie.misconfig.resources.google.parts import default_account, partly
from vigie.misconfig.value import Attribute, Unknown


class DiskEncryption(Resource):
    """raw_key: a key in the configuration itself. kms_key_link: a key of Cloud KMS."""

    raw_key: Attribute[str] = absent("")
    kms_key_link: Attribute[str] = absent("")


class Disk(Resource):
    name: Attribute[str] = absent("")
    encryption: DiskEncryption = field(default_factory=DiskEncryption)


class NetworkInterface(Resource):
    """nat_ip: the reserved public address, empty for one of the moment."""

    network: Network | None = None
    subnetwork: Subnetwork | None = None
    has_public_ip: Attribute[bool] = absent(False)
    nat_ip: Attribute[str] = absent("")


class ShieldedVm(Resource):
    secure_boot_enabled: Attribute[bool] = absent(False)
    integrity_monitoring_enabled: Attribute[bool] = absent(False)
    vtpm_enabled: Attribute[bool] = absent(False)


class ServiceAccount(Resource):
    """is_default: the instance runs as the project's default account; False when it has none at all."""

    email: Attribute[str] = absent("")
    is_default: Attribute[bool] = absent(False)
    scopes: list[Attribute[str]] = []


class Instance(Resource):
    """os_login_enabled: False only when the instance itself turns OS Login off; else it is as the project says."""

    name: Attribute[str] = absent("")
    network_interfaces: list[NetworkInterface] = []
    shielded_vm: ShieldedVm = field(default_factory=ShieldedVm)
    service_account: ServiceAccount = field(default_factory=ServiceAccount)
    can_ip_forward: Attribute[bool] = absent(False)
    os_login_enabled: Attribute[bool] = absent(True)
    enable_project_ssh_key_blocking: Attribute[bool] = absent(False)
    enable_serial_port: Attribute[bool] = absent(False)
    boot_disks: list[Disk] = []
    attached_disks: list[Disk] = []


def disk(block: Block) -> Disk:
    return Disk(
        cause=block.cause,
        name=block.string("name"),
        encryption=DiskEncryption(
            cause=(block.block("disk_encryption_key") or block).cause,
            raw_key=block.string("disk_encryption_key.raw_key"),
            kms_key_link=block.string("disk_encryption_key.kms_key_self_link"),
        ),
    )


def attached(graph: Graph, block: Block) -> Disk:
    """A disk as its instance names it: its key stands there, or with the disk that `source` points at."""
    found = Disk(
        cause=block.cause,
        name=block.string("device_name"),
        encryption=DiskEncryption(
            cause=block.cause,
            raw_key=block.string("disk_encryption_key_raw"),
            kms_key_link=block.string("kms_key_self_link"),
        ),
    )
    source = None if block.has("kms_key_self_link") else graph.target(block, "source", "google_compute_disk")
    if source is not None and source.has("disk_encryption_key.kms_key_self_link"):
        found.encryption.kms_key_link = source.string("disk_encryption_key.kms_key_self_link")
    return found


def instance(graph: Graph, networks: Networks, block: Block) -> Instance:
    shielded = block.block("shielded_instance_config")
    return Instance(
        cause=block.cause,
        name=block.string("name"),
        network_interfaces=[interface(networks, nested) for nested in block.blocks("network_interface")],
        shielded_vm=ShieldedVm(
            cause=(shielded or block).cause,
            secure_boot_enabled=block.boolean("shielded_instance_config.enable_secure_boot"),
            integrity_monitoring_enabled=shielding(block, "enable_integrity_monitoring"),
            vtpm_enabled=shielding(block, "enable_vtpm"),
        ),
        service_account=service_account(block),
        can_ip_forward=block.boolean("can_ip_forward"),
        os_login_enabled=switch(block, "enable-oslogin", True),
        enable_project_ssh_key_blocking=switch(block, "block-project-ssh-keys"),
        enable_serial_port=switch(block, "serial-port-enable"),
        boot_disks=[attached(graph, nested) for nested in block.blocks("boot_disk")],
        attached_disks=[attached(graph, nested) for nested in block.blocks("attached_disk")],
    )


def shielding(block: Block, name: str) -> Attribute[bool]:
    """A part of the shield that is on by default once its block is there."""
    written = block.boolean(f"shielded_instance_config.{name}")
    return written if written.explicit or not written.known else block.presence("shielded_instance_config")


def interface(networks: Networks, block: Block) -> NetworkInterface:
    return NetworkInterface(
        cause=block.cause,
        network=networks.network(block),
        subnetwork=networks.subnetwork(block),
        has_public_ip=block.presence("access_config"),
        nat_ip=block.string("access_config.nat_ip"),
    )


def service_account(block: Block) -> ServiceAccount:
    nested = block.block("service_account")
    if nested is None:
        return ServiceAccount(
            cause=block.cause,
            email=Attribute("", block.cause, explicit=False),
            is_default=Attribute(False, block.cause, explicit=False),
        )
    email = partly(nested, "email")
    found = nested.find("email")
    if found is None or (email.known and not email.value):
        default = Attribute(nested.certain, email.cause, known=nested.certain, explicit=email.explicit)
    else:
        default = default_account(found.value, email)
    return ServiceAccount(cause=nested.cause, email=email, is_default=default, scopes=nested.strings("scopes"))


_SWITCH = {"true": True, "y": True, "yes": True, "1": True, "false": False, "n": False, "no": False, "0": False}
"""https://cloud.google.com/compute/docs/metadata/predefined-metadata-keys: boolean values, in any case."""


def switch(block: Block, key: str, default: bool = False) -> Attribute[bool]:
    """A truth value of a block's `metadata`."""
    written = block.find("metadata")
    if written is not None and isinstance(plain(written.value), Unknown):
        return Attribute(False, written.cause, known=False)
    text = block.string(f"metadata.{key}")
    if not text.explicit and text.known:
        return Attribute(default, text.cause, explicit=False)
    value = _SWITCH.get(text.value.lower()) if text.known else None
    return Attribute(value or False, text.cause, known=value is not None)
