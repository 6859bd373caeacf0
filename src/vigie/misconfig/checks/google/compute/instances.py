"""Checks of Compute Engine instances, and of the metadata of their project."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.google.compute import ProjectMetadata
from vigie.misconfig.resources.google.instances import Instance, NetworkInterface

INSTANCES = "google.compute.instances"
_SHIELDED = ("https://cloud.google.com/compute/shielded-vm/docs/shielded-vm",)
_OS_LOGIN = ("https://cloud.google.com/compute/docs/oslogin",)


@check(
    "GCP-0030",
    INSTANCES,
    severity="MEDIUM",
    code="no-project-wide-ssh-keys",
    title="Instances should refuse the SSH keys of the project",
    why="A key in the project's metadata opens every instance that does not block it, so one lost key is the loss of "
    "all of them.",
    fix="Set `block-project-ssh-keys` to true in the instance's metadata, and use OS Login or keys of the instance.",
    references=("https://cloud.google.com/compute/docs/connect/restrict-ssh-keys",),
)
def project_keys_blocked(instance: Instance) -> Flaws:
    if instance.enable_project_ssh_key_blocking.is_false:
        yield flaw("The instance accepts the project's SSH keys.", instance.enable_project_ssh_key_blocking)


@check(
    "GCP-0031",
    f"{INSTANCES}.network_interfaces",
    severity="HIGH",
    code="no-public-ip",
    title="Instances should have no public address",
    why="With a public address an instance is one wrong firewall rule away from being reachable from everywhere.",
    fix="Leave out `access_config`; use Cloud NAT for traffic out, a load balancer or Identity-Aware Proxy for traffic "
    "in.",
    references=("https://cloud.google.com/compute/docs/ip-addresses#externaladdresses",),
)
def no_public_address(interface: NetworkInterface) -> Flaws:
    if interface.has_public_ip.is_true:
        yield flaw("The instance gets a public address.", interface.has_public_ip)


@check(
    "GCP-0032",
    INSTANCES,
    severity="MEDIUM",
    code="no-serial-port",
    title="The serial console of instances should be off",
    why="The interactive serial console knows no firewall rules: whoever has a key can connect from any address.",
    fix="Remove `serial-port-enable` from the instance's metadata, or set it to false.",
    references=("https://cloud.google.com/compute/docs/troubleshooting/troubleshooting-using-serial-console",),
)
def no_serial_port(instance: Instance) -> Flaws:
    if instance.enable_serial_port.is_true:
        yield flaw("The instance's serial console can be connected to.", instance.enable_serial_port)


@check(
    "GCP-0036",
    INSTANCES,
    severity="MEDIUM",
    code="no-oslogin-override",
    title="Instances should not turn OS Login off",
    why="OS Login ties SSH access to accounts and their roles. An instance that turns it off goes back to keys in "
    "metadata, which nobody revokes.",
    fix="Remove `enable-oslogin` from the instance's metadata, so that the project decides, or set it to true.",
    references=_OS_LOGIN,
)
def os_login_kept(instance: Instance) -> Flaws:
    if instance.os_login_enabled.is_false:
        yield flaw("The instance turns OS Login off.", instance.os_login_enabled)


@check(
    "GCP-0041",
    INSTANCES,
    severity="MEDIUM",
    code="enable-shielded-vm-vtpm",
    title="Instances should have a virtual TPM",
    why="The virtual TPM measures the boot and guards keys. Without it a changed boot loader or kernel goes unseen.",
    fix="Add a `shielded_instance_config` block and leave `enable_vtpm` at true.",
    references=_SHIELDED,
)
def vtpm(instance: Instance) -> Flaws:
    if instance.shielded_vm.vtpm_enabled.is_false:
        yield flaw("The instance has no virtual TPM.", instance.shielded_vm.vtpm_enabled)


@check(
    "GCP-0042",
    "google.compute.project_metadata",
    severity="MEDIUM",
    code="project-level-oslogin",
    title="OS Login should be on for the whole project",
    why="OS Login ties SSH access to accounts and their roles, and ends it when they go. Without it each instance "
    "keeps keys of its own, which outlive their owners.",
    fix='Set `enable-oslogin` to "TRUE" in the metadata of `google_compute_project_metadata`.',
    references=_OS_LOGIN,
)
def os_login_in_project(metadata: ProjectMetadata) -> Flaws:
    if metadata.cause.managed and not metadata.enable_os_login.is_true:
        yield flaw("The project's metadata does not turn OS Login on.", metadata.enable_os_login)


@check(
    "GCP-0043",
    INSTANCES,
    severity="HIGH",
    code="no-ip-forwarding",
    title="Instances should not forward packets of others",
    why="With IP forwarding an instance may send and receive packets under addresses that are not its own, which "
    "serves to get around firewall rules.",
    fix="Remove `can_ip_forward`, or set it to false, unless the instance is a router or gateway.",
    references=("https://cloud.google.com/vpc/docs/using-routes#canipforward",),
)
def no_forwarding(instance: Instance) -> Flaws:
    if instance.can_ip_forward.is_true:
        yield flaw("The instance forwards packets.", instance.can_ip_forward)


@check(
    "GCP-0044",
    INSTANCES,
    severity="CRITICAL",
    code="no-default-service-account",
    title="Instances should not run as the default service account",
    why="The default service account of Compute Engine may edit the whole project unless somebody took that away: who "
    "takes over the instance takes over the project.",
    fix="Create a service account for the instance with just the roles it needs, and give its address in "
    "`service_account.email`.",
    references=("https://cloud.google.com/compute/docs/access/service-accounts#default_service_account",),
)
def own_service_account(instance: Instance) -> Flaws:
    account = instance.service_account
    if account.is_default.is_true:
        yield flaw("The instance runs as the default service account.", account.email)


@check(
    "GCP-0045",
    INSTANCES,
    severity="MEDIUM",
    code="enable-shielded-vm-im",
    title="The integrity of instances should be monitored",
    why="Integrity monitoring compares each boot with a known good one. Without it a changed boot goes unreported.",
    fix="Add a `shielded_instance_config` block and leave `enable_integrity_monitoring` at true.",
    references=("https://cloud.google.com/compute/shielded-vm/docs/integrity-monitoring",),
)
def integrity_monitored(instance: Instance) -> Flaws:
    if instance.shielded_vm.integrity_monitoring_enabled.is_false:
        yield flaw("The instance's integrity is not monitored.", instance.shielded_vm.integrity_monitoring_enabled)


@check(
    "GCP-0067",
    INSTANCES,
    severity="MEDIUM",
    code="enable-shielded-vm-sb",
    title="Instances should boot securely",
    why="Secure Boot refuses boot loaders, kernels and drivers without a valid signature. Without it a rootkit can "
    "start before everything else.",
    fix="Set `enable_secure_boot` to true in the `shielded_instance_config` block.",
    references=_SHIELDED,
)
def secure_boot(instance: Instance) -> Flaws:
    if instance.shielded_vm.secure_boot_enabled.is_false:
        yield flaw("The instance does not use Secure Boot.", instance.shielded_vm.secure_boot_enabled)
