"""Checks of virtual machines and disks."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.credentials import credential_in
from vigie.misconfig.resources.azure.compute import LinuxVirtualMachine, ManagedDisk, VirtualMachine
from vigie.misconfig.resources.azure.interfaces import NetworkInterface

GUIDE = "https://learn.microsoft.com/azure/virtual-machines"
MACHINES = (
    "azure.compute.linux_virtual_machines.virtual_machine",
    "azure.compute.windows_virtual_machines.virtual_machine",
)


@check(
    "AZU-0037",
    *MACHINES,
    severity="MEDIUM",
    code="no-secrets-in-custom-data",
    title="Custom data of virtual machines should hold no credentials",
    why="Custom data can be read by everybody who may look at the machine, and by every process that runs on it.",
    fix="Fetch credentials at the machine's start from a key vault, with a managed identity.",
    references=(f"{GUIDE}/custom-data",),
)
def no_credentials(machine: VirtualMachine) -> Flaws:
    if machine.custom_data.certain() and (what := credential_in(machine.custom_data.value)):
        yield flaw(f"Custom data holds {what}.", machine.custom_data)


@check(
    "AZU-0038",
    "azure.compute.managed_disks",
    severity="HIGH",
    code="enable-disk-encryption",
    title="Managed disks should be encrypted",
    why="Data on a disk that is not encrypted can be read by whoever gets at the disk or a copy of it.",
    fix="Leave encryption_settings out, or set its enabled to true.",
    references=(f"{GUIDE}/disk-encryption-overview",),
)
def encrypted(disk: ManagedDisk) -> Flaws:
    if not disk.encryption.enabled.is_true:
        yield flaw("Managed disk is not encrypted.", disk.encryption.enabled)


@check(
    "AZU-0039",
    "azure.compute.linux_virtual_machines",
    severity="HIGH",
    code="disable-password-authentication",
    title="Linux machines should refuse password logins",
    why="Passwords can be guessed and tried; SSH keys cannot.",
    fix="Leave disable_password_authentication at true, and give the administrator an SSH key.",
    references=(f"{GUIDE}/linux/create-ssh-keys-detailed",),
)
def no_passwords(machine: LinuxVirtualMachine) -> Flaws:
    passwords = machine.os_profile_linux_config.disable_password_authentication
    if not passwords.is_true:
        yield flaw("Linux machine accepts password logins.", passwords)


@check(
    "AZU-0068",
    *(f"{path}.network_interfaces" for path in MACHINES),
    severity="MEDIUM",
    code="vm-not-attached-to-network",
    aliases=("azure-vm-not-attached-to-network",),
    title="Interfaces of virtual machines should have a security group",
    why="Without a security group, nothing limits who may connect to the machine and where it may connect to.",
    fix="Link the interface to a group with azurerm_network_interface_security_group_association.",
    references=("https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview",),
)
def interface_has_group(interface: NetworkInterface) -> Flaws:
    if not interface.security_groups:
        yield flaw("Network interface of a virtual machine has no security group.", interface)
