"""Virtual machines and managed disks."""

from __future__ import annotations

from msgspec import field

from vigie.misconfig.credentials import readable
from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.resources.azure.interfaces import INTERFACE, TYPES, Interfaces, NetworkInterface
from vigie.misconfig.value import Attribute

ANY, LINUX, WINDOWS = "azurerm_virtual_machine", "azurerm_linux_virtual_machine", "azurerm_windows_virtual_machine"


class Encryption(Resource):
    """Whether a disk is encrypted."""

    enabled: Attribute[bool] = absent(True)


class ManagedDisk(Resource):
    """A managed disk."""

    encryption: Encryption = field(default_factory=Encryption)


class VirtualMachine(Resource):
    """What all machines have. custom_data: what the machine is given at its first start, decoded."""

    custom_data: Attribute[str] = absent("")
    network_interfaces: list[NetworkInterface] = []


class LinuxConfig(Resource):
    """How Linux is set up."""

    disable_password_authentication: Attribute[bool] = absent(True)


class LinuxVirtualMachine(Resource):
    """A machine that runs Linux."""

    virtual_machine: VirtualMachine = field(default_factory=VirtualMachine)
    os_profile_linux_config: LinuxConfig = field(default_factory=LinuxConfig)


class WindowsVirtualMachine(Resource):
    """A machine that runs Windows."""

    virtual_machine: VirtualMachine = field(default_factory=VirtualMachine)


class Compute(Resource):
    """The service."""

    linux_virtual_machines: list[LinuxVirtualMachine] = []
    windows_virtual_machines: list[WindowsVirtualMachine] = []
    managed_disks: list[ManagedDisk] = []


def from_terraform(graph: Graph) -> Compute:
    compute = Compute(managed_disks=[_disk(block) for block in graph.resources("azurerm_managed_disk")])
    interfaces = Interfaces(graph)
    for block in graph.resources(LINUX, WINDOWS, ANY):
        machine = VirtualMachine(
            cause=block.cause,
            custom_data=_custom_data(block),
            network_interfaces=[
                interfaces.found[interface]
                for interface in graph.targets(block, "network_interface_ids", INTERFACE)
                if interface in interfaces.found
            ],
        )
        if block.type == WINDOWS or block.block("os_profile_windows_config") is not None:
            compute.windows_virtual_machines.append(WindowsVirtualMachine(cause=block.cause, virtual_machine=machine))
            continue
        linux = block.block("os_profile_linux_config") if block.type == ANY else block
        compute.linux_virtual_machines.append(
            LinuxVirtualMachine(
                cause=block.cause,
                virtual_machine=machine,
                os_profile_linux_config=LinuxConfig(
                    cause=(linux or block).cause,
                    disable_password_authentication=(linux or block).boolean("disable_password_authentication", True),
                ),
            )
        )
    return compute


def _custom_data(block: Block) -> Attribute[str]:
    data = block.string("os_profile.custom_data" if block.type == ANY else "custom_data")
    return Attribute(readable(data.value), data.cause, data.known, data.explicit, data.filled)


def _disk(block: Block) -> ManagedDisk:
    settings = block.block("encryption_settings")
    return ManagedDisk(
        cause=block.cause,
        encryption=Encryption(
            cause=settings.cause if settings else block.cause,
            enabled=block.boolean("encryption_settings.enabled", True),
        ),
    )


service = Service(
    path="azure.compute",
    model=Compute,
    terraform=Adapter(types=(LINUX, WINDOWS, ANY, "azurerm_managed_disk", *TYPES), fill=from_terraform),
)
