"""EC2 in Terraform. Rules of security groups and network ACLs stand within them or as resources of their own; those
whose group is not in the configuration share a placeholder."""

from __future__ import annotations

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.owners import Owners
from vigie.misconfig.resources.aws.ec2.model import (
    BlockDevice,
    Ec2,
    Instance,
    LaunchConfiguration,
    LaunchTemplate,
    MetadataOptions,
    NetworkAcl,
    NetworkAclRule,
    RequestedAmi,
    Rule,
    SecurityGroup,
    Subnet,
    Volume,
    VolumeEncryption,
    Vpc,
    constant,
    user_data,
)
from vigie.misconfig.value import Attribute

GROUPS = ("aws_security_group", "aws_default_security_group")
ACLS = ("aws_network_acl", "aws_default_network_acl")
VPCS = ("aws_vpc", "aws_default_vpc")
DEFAULT_DESCRIPTION = "Managed by Terraform"
TYPES = (
    *GROUPS,
    *ACLS,
    *VPCS,
    "aws_ebs_encryption_by_default",
    "aws_ebs_volume",
    "aws_flow_log",
    "aws_instance",
    "aws_launch_configuration",
    "aws_launch_template",
    "aws_network_acl_rule",
    "aws_security_group_rule",
    "aws_subnet",
    "aws_vpc_security_group_egress_rule",
    "aws_vpc_security_group_ingress_rule",
    "data.aws_ami",
)


def fill(graph: Graph) -> Ec2:
    """EC2 of a Terraform project."""
    groups = Owners(graph, GROUPS, _group, SecurityGroup)
    _separate_rules(graph, groups)
    acls = Owners(graph, ACLS, _acl, NetworkAcl)
    for block in graph.resources("aws_network_acl_rule"):
        acls.of(block, "network_acl_id").rules.append(_acl_rule(block))
    encrypted = _encrypted_by_default(graph)
    templates = {id(block): _template(block, groups, encrypted) for block in graph.resources("aws_launch_template")}
    return Ec2(
        instances=[_instance(graph, block, groups, templates, encrypted) for block in graph.resources("aws_instance")],
        launch_configurations=[
            _launch_configuration(block, encrypted) for block in graph.resources("aws_launch_configuration")
        ],
        launch_templates=list(templates.values()),
        vpcs=_vpcs(graph, groups),
        security_groups=groups.all,
        network_acls=acls.all,
        subnets=[
            Subnet(cause=block.cause, map_public_ip_on_launch=block.boolean("map_public_ip_on_launch"))
            for block in graph.resources("aws_subnet")
        ],
        volumes=[_volume(block, encrypted) for block in graph.resources("aws_ebs_volume")],
        requested_amis=[
            RequestedAmi(cause=block.cause, owners=block.strings("owners")) for block in graph.data("aws_ami")
        ],
    )


# Who may pass


def _group(block: Block) -> SecurityGroup:
    default = block.type == "aws_default_security_group"
    return SecurityGroup(
        cause=block.cause,
        is_default=constant(default, block),
        description=block.string("description", "" if default else DEFAULT_DESCRIPTION),
        ingress_rules=[_rule(rule) for rule in block.blocks("ingress")],
        egress_rules=[_rule(rule) for rule in block.blocks("egress")],
        vpc_id=block.string("vpc_id"),
    )


def _rule(block: Block) -> Rule:
    """A rule within its group, or an `aws_security_group_rule`."""
    return Rule(
        cause=block.cause,
        description=block.string("description"),
        cidrs=block.strings("cidr_blocks") + block.strings("ipv6_cidr_blocks"),
        protocol=block.string("protocol"),
        from_port=block.integer("from_port", -1),
        to_port=block.integer("to_port", -1),
    )


def _separate_rules(graph: Graph, groups: Owners[SecurityGroup]) -> None:
    for block in graph.resources("aws_security_group_rule"):
        group = groups.of(block, "security_group_id")
        # What is no egress, or not known, is judged as ingress: the stricter of the two.
        rules = group.egress_rules if block.string("type").value == "egress" else group.ingress_rules
        rules.append(_rule(block))
    for type_ in ("aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"):
        for block in graph.resources(type_):
            group = groups.of(block, "security_group_id")
            rules = group.ingress_rules if "ingress" in type_ else group.egress_rules
            rules.append(
                Rule(
                    cause=block.cause,
                    description=block.string("description"),
                    cidrs=block.strings("cidr_ipv4") + block.strings("cidr_ipv6"),
                    protocol=block.string("ip_protocol"),
                    from_port=block.integer("from_port", -1),
                    to_port=block.integer("to_port", -1),
                )
            )


def _acl(block: Block) -> NetworkAcl:
    # Trivy does not look at the rules that stand within an ACL.
    return NetworkAcl(
        cause=block.cause,
        is_default_rule=constant(block.type == "aws_default_network_acl", block),
        rules=[_acl_rule(rule, type_) for type_ in ("ingress", "egress") for rule in block.blocks(type_)],
    )


def _acl_rule(block: Block, type: str = "") -> NetworkAclRule:
    """A rule within its ACL, of this type, or an `aws_network_acl_rule`."""
    egress = block.boolean("egress")
    direction = Attribute(type or ("egress" if egress.value else "ingress"), egress.cause, explicit=egress.explicit)
    return NetworkAclRule(
        cause=block.cause,
        type=direction,
        action=block.string("action" if type else "rule_action"),
        protocol=block.string("protocol"),
        cidrs=block.strings("cidr_block") + block.strings("ipv6_cidr_block"),
        from_port=block.integer("from_port", -1),
        to_port=block.integer("to_port", -1),
    )


def _vpcs(graph: Graph, groups: Owners[SecurityGroup]) -> list[Vpc]:
    vpcs = Owners(
        graph,
        VPCS,
        lambda block: Vpc(
            cause=block.cause,
            is_default=constant(block.type == "aws_default_vpc", block),
            flow_logs_enabled=constant(False, block),
        ),
        Vpc,
    )
    for block in graph.resources("aws_flow_log"):
        if block.has("vpc_id"):
            vpcs.of(block, "vpc_id").flow_logs_enabled = constant(True, block)
    for block in graph.resources(*GROUPS):
        vpcs.of(block, "vpc_id").security_groups.append(groups.made_of(block))
    return vpcs.all


# Machines and disks


def _encrypted_by_default(graph: Graph) -> bool:
    """Whether the account encrypts new volumes."""
    return any(block.boolean("enabled", True).is_true for block in graph.resources("aws_ebs_encryption_by_default"))


def _volume(block: Block, encrypted: bool) -> Volume:
    return Volume(
        cause=block.cause,
        encryption=VolumeEncryption(
            cause=block.cause,
            enabled=block.boolean("encrypted", encrypted),
            kms_key_id=block.string("kms_key_id"),
        ),
    )


def _root_device(block: Block, encrypted: bool) -> BlockDevice:
    """The root device, which every machine has whether it is written or not."""
    written = block.block("root_block_device")
    return BlockDevice(
        cause=(written or block).cause, encrypted=block.boolean("root_block_device.encrypted", encrypted)
    )


def _more_devices(block: Block, encrypted: bool) -> list[BlockDevice]:
    return [
        BlockDevice(cause=device.cause, encrypted=device.boolean("encrypted", encrypted))
        for device in block.blocks("ebs_block_device")
    ]


def _metadata(block: Block) -> MetadataOptions:
    return MetadataOptions(
        cause=(block.block("metadata_options") or block).cause,
        http_tokens=block.string("metadata_options.http_tokens"),
        http_endpoint=block.string("metadata_options.http_endpoint"),
    )


def _script(block: Block) -> Attribute[str]:
    return user_data(block, "user_data_base64" if block.has("user_data_base64") else "user_data")


def _launch_configuration(block: Block, encrypted: bool) -> LaunchConfiguration:
    return LaunchConfiguration(
        cause=block.cause,
        name=block.string("name"),
        associate_public_ip=block.boolean("associate_public_ip_address"),
        root_block_device=_root_device(block, encrypted),
        ebs_block_devices=_more_devices(block, encrypted),
        metadata_options=_metadata(block),
        user_data=_script(block),
    )


def _template(block: Block, groups: Owners[SecurityGroup], encrypted: bool) -> LaunchTemplate:
    return LaunchTemplate(
        cause=block.cause,
        name=block.string("name"),
        instance=Instance(
            cause=block.cause,
            metadata_options=_metadata(block),
            user_data=_script(block),
            security_groups=groups.listed(block, "vpc_security_group_ids", "network_interfaces.security_groups"),
            ebs_block_devices=[
                BlockDevice(cause=ebs.cause, encrypted=ebs.boolean("encrypted", encrypted))
                for ebs in block.blocks("block_device_mappings.ebs")
            ],
        ),
    )


def _instance(
    graph: Graph,
    block: Block,
    groups: Owners[SecurityGroup],
    templates: dict[int, LaunchTemplate],
    encrypted: bool,
) -> Instance:
    instance = Instance(
        cause=block.cause,
        metadata_options=_metadata(block),
        user_data=_script(block),
        security_groups=groups.listed(block, "vpc_security_group_ids", "security_groups"),
        root_block_device=_root_device(block, encrypted) if block.has("root_block_device") else None,
        ebs_block_devices=_more_devices(block, encrypted),
    )
    reference = block.block("launch_template")
    template = None
    if reference is not None:
        kind = "aws_launch_template"
        target = graph.target(reference, "id", kind) or graph.target(reference, "name", kind)
        template = templates[id(target)].instance if target is not None and id(target) in templates else None
        instance.inherit(template, reference.cause, alone=not block.has("metadata_options"))
    # Which of a template's devices is the root one, only the image knows.
    if instance.root_block_device is None and not (template is not None and template.ebs_block_devices):
        instance.root_block_device = _root_device(block, encrypted)
    return instance
