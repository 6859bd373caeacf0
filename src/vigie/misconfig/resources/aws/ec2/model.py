"""What EC2 is made of: machines with their disks, templates of machines, networks and who may pass."""

from __future__ import annotations

import base64
import binascii

from msgspec import field

from vigie.misconfig.graph import Block, plain
from vigie.misconfig.resource import Resource, absent
from vigie.misconfig.value import Attribute, Cause, Unknown


class Rule(Resource):
    """A rule of a security group. cidrs: of both IP versions. protocol: a name, a number, or -1 for all."""

    description: Attribute[str] = absent("")
    cidrs: list[Attribute[str]] = []
    protocol: Attribute[str] = absent("")
    from_port: Attribute[int] = absent(-1)
    to_port: Attribute[int] = absent(-1)


class SecurityGroup(Resource):
    is_default: Attribute[bool] = absent(False)
    description: Attribute[str] = absent("")
    ingress_rules: list[Rule] = []
    egress_rules: list[Rule] = []
    vpc_id: Attribute[str] = absent("")


class NetworkAclRule(Resource):
    """type: `ingress` or `egress`. action: `allow` or `deny`."""

    type: Attribute[str] = absent("ingress")
    action: Attribute[str] = absent("")
    protocol: Attribute[str] = absent("")
    cidrs: list[Attribute[str]] = []
    from_port: Attribute[int] = absent(-1)
    to_port: Attribute[int] = absent(-1)


class NetworkAcl(Resource):
    rules: list[NetworkAclRule] = []
    is_default_rule: Attribute[bool] = absent(False)


class MetadataOptions(Resource):
    """http_tokens: `required` or `optional`. http_endpoint: `enabled` or `disabled`."""

    http_tokens: Attribute[str] = absent("")
    http_endpoint: Attribute[str] = absent("")


class BlockDevice(Resource):
    encrypted: Attribute[bool] = absent(False)


class Instance(Resource):
    """What an instance does not say itself is what its launch template says. user_data: decoded."""

    metadata_options: MetadataOptions = field(default_factory=MetadataOptions)
    user_data: Attribute[str] = absent("")
    security_groups: list[SecurityGroup] = []
    root_block_device: BlockDevice | None = None
    ebs_block_devices: list[BlockDevice] = []

    def inherit(self, template: Instance | None, cause: Cause, alone: bool) -> None:
        """Takes over what it does not say itself from its launch template, named at `cause`. What a template says that
        stands elsewhere (None) is not known. alone: whether it has no metadata options of its own."""
        unknown = Attribute("", cause, known=False)
        if template is None:
            template = Instance(
                user_data=unknown,
                metadata_options=MetadataOptions(cause=cause, http_tokens=unknown, http_endpoint=unknown),
                root_block_device=BlockDevice(cause=cause, encrypted=Attribute(False, cause, known=False)),
            )
        if alone:
            self.metadata_options = template.metadata_options
        if not self.user_data.explicit:
            self.user_data = template.user_data
        if self.root_block_device is None:
            self.root_block_device = template.root_block_device
        self.ebs_block_devices += template.ebs_block_devices
        self.security_groups += template.security_groups


class LaunchTemplate(Resource):
    name: Attribute[str] = absent("")
    instance: Instance = field(default_factory=Instance)


class LaunchConfiguration(Resource):
    """user_data: decoded."""

    name: Attribute[str] = absent("")
    associate_public_ip: Attribute[bool] = absent(False)
    root_block_device: BlockDevice | None = None
    ebs_block_devices: list[BlockDevice] = []
    metadata_options: MetadataOptions = field(default_factory=MetadataOptions)
    user_data: Attribute[str] = absent("")


class Vpc(Resource):
    is_default: Attribute[bool] = absent(False)
    security_groups: list[SecurityGroup] = []
    flow_logs_enabled: Attribute[bool] = absent(False)


class Subnet(Resource):
    map_public_ip_on_launch: Attribute[bool] = absent(False)


class VolumeEncryption(Resource):
    enabled: Attribute[bool] = absent(False)
    kms_key_id: Attribute[str] = absent("")


class Volume(Resource):
    encryption: VolumeEncryption = field(default_factory=VolumeEncryption)


class RequestedAmi(Resource):
    """A look-up of a machine image."""

    owners: list[Attribute[str]] = []


class Ec2(Resource):
    instances: list[Instance] = []
    launch_configurations: list[LaunchConfiguration] = []
    launch_templates: list[LaunchTemplate] = []
    vpcs: list[Vpc] = []
    security_groups: list[SecurityGroup] = []
    network_acls: list[NetworkAcl] = []
    subnets: list[Subnet] = []
    volumes: list[Volume] = []
    requested_amis: list[RequestedAmi] = []


def user_data(block: Block, path: str) -> Attribute[str]:
    """A start script as text, out of its Base64 coat if it has one; of one that is partly known, the known parts."""
    found, cause = block.raw(path)
    if found is None:
        return Attribute("", cause, explicit=False)
    value = plain(found.value)
    if isinstance(value, Unknown):
        value = value.like
    if not isinstance(value, str):
        return Attribute("", cause, known=False)
    return Attribute(decoded(value), cause)


def decoded(text: str) -> str:
    """Text out of Base64, or as it is when it is not in Base64."""
    compact = "".join(text.split())
    if not compact or len(compact) % 4:
        return text
    try:
        return base64.b64decode(compact, validate=True).decode()
    except (binascii.Error, ValueError):
        return text


def constant(value: bool, block: Block) -> Attribute[bool]:
    """What the kind of a resource says."""
    return Attribute(value, block.cause, explicit=False)
