"""EC2 in CloudFormation. Rules of security groups stand within them or as resources of their own, those of network ACLs
only as resources of their own."""

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

TYPES = (
    "AWS::AutoScaling::LaunchConfiguration",
    "AWS::EC2::FlowLog",
    "AWS::EC2::Instance",
    "AWS::EC2::LaunchTemplate",
    "AWS::EC2::NetworkAcl",
    "AWS::EC2::NetworkAclEntry",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::Subnet",
    "AWS::EC2::VPC",
    "AWS::EC2::Volume",
)


def fill(graph: Graph) -> Ec2:
    """EC2 of a CloudFormation template."""
    groups = Owners(graph, ("AWS::EC2::SecurityGroup",), _group, SecurityGroup)
    for block in graph.resources("AWS::EC2::SecurityGroupIngress"):
        _group_of(groups, block).ingress_rules.append(_rule(block))
    for block in graph.resources("AWS::EC2::SecurityGroupEgress"):
        _group_of(groups, block).egress_rules.append(_rule(block))
    acls = Owners(graph, ("AWS::EC2::NetworkAcl",), _acl, NetworkAcl)
    for block in graph.resources("AWS::EC2::NetworkAclEntry"):
        acls.of(block, "NetworkAclId").rules.append(_acl_rule(block))
    templates = {id(block): _template(block, groups) for block in graph.resources("AWS::EC2::LaunchTemplate")}
    return Ec2(
        instances=[_instance(graph, block, groups, templates) for block in graph.resources("AWS::EC2::Instance")],
        launch_configurations=[
            _launch_configuration(block) for block in graph.resources("AWS::AutoScaling::LaunchConfiguration")
        ],
        launch_templates=list(templates.values()),
        vpcs=_vpcs(graph, groups),
        security_groups=groups.all,
        network_acls=acls.all,
        subnets=[
            Subnet(cause=block.cause, map_public_ip_on_launch=block.boolean("MapPublicIpOnLaunch"))
            for block in graph.resources("AWS::EC2::Subnet")
        ],
        volumes=[
            Volume(
                cause=block.cause,
                encryption=VolumeEncryption(
                    cause=block.cause, enabled=block.boolean("Encrypted"), kms_key_id=block.string("KmsKeyId")
                ),
            )
            for block in graph.resources("AWS::EC2::Volume")
        ],
    )


# Who may pass


def _group(block: Block) -> SecurityGroup:
    return SecurityGroup(
        cause=block.cause,
        is_default=block.string("GroupName").holds(lambda name: name == "default"),
        description=block.string("GroupDescription"),
        ingress_rules=[_rule(rule) for rule in block.blocks("SecurityGroupIngress")],
        egress_rules=[_rule(rule) for rule in block.blocks("SecurityGroupEgress")],
        vpc_id=block.string("VpcId"),
    )


def _group_of(groups: Owners[SecurityGroup], rule: Block) -> SecurityGroup:
    return groups.of(rule, "GroupId" if rule.has("GroupId") else "GroupName")


def _rule(block: Block) -> Rule:
    """A rule within its group, or of its own."""
    return Rule(
        cause=block.cause,
        description=block.string("Description"),
        cidrs=block.strings("CidrIp") + block.strings("CidrIpv6"),
        protocol=block.string("IpProtocol"),
        from_port=block.integer("FromPort", -1),
        to_port=block.integer("ToPort", -1),
    )


def _acl(block: Block) -> NetworkAcl:
    return NetworkAcl(cause=block.cause, is_default_rule=constant(False, block))


def _acl_rule(block: Block) -> NetworkAclRule:
    egress = block.boolean("Egress")
    return NetworkAclRule(
        cause=block.cause,
        type=Attribute("egress" if egress.value else "ingress", egress.cause, explicit=egress.explicit),
        action=block.string("RuleAction", "allow"),
        protocol=block.string("Protocol"),
        cidrs=block.strings("CidrBlock") + block.strings("Ipv6CidrBlock"),
        from_port=block.integer("PortRange.From", -1),
        to_port=block.integer("PortRange.To", -1),
    )


def _vpcs(graph: Graph, groups: Owners[SecurityGroup]) -> list[Vpc]:
    vpcs = Owners(
        graph,
        ("AWS::EC2::VPC",),
        lambda block: Vpc(
            cause=block.cause, is_default=constant(False, block), flow_logs_enabled=constant(False, block)
        ),
        Vpc,
    )
    for block in graph.resources("AWS::EC2::FlowLog"):
        if block.string("ResourceType").value == "VPC":
            vpcs.of(block, "ResourceId").flow_logs_enabled = constant(True, block)
    for block in graph.resources("AWS::EC2::SecurityGroup"):
        vpcs.of(block, "VpcId").security_groups.append(groups.made_of(block))
    return vpcs.all


# Machines and disks


def _devices(block: Block, path: str) -> tuple[BlockDevice | None, list[BlockDevice]]:
    """The first of the mapped disks, which is the root by custom, and the others."""
    devices = [BlockDevice(cause=ebs.cause, encrypted=ebs.boolean("Encrypted")) for ebs in block.blocks(path)]
    return (devices[0] if devices else None), devices[1:]


def _metadata(block: Block, path: str) -> MetadataOptions:
    return MetadataOptions(
        cause=(block.block(path) or block).cause,
        http_tokens=block.string(f"{path}.HttpTokens", "optional"),
        http_endpoint=block.string(f"{path}.HttpEndpoint", "enabled"),
    )


def _launch_configuration(block: Block) -> LaunchConfiguration:
    root, others = _devices(block, "BlockDeviceMappings.Ebs")
    return LaunchConfiguration(
        cause=block.cause,
        name=block.string("LaunchConfigurationName"),
        associate_public_ip=block.boolean("AssociatePublicIpAddress"),
        root_block_device=root,
        ebs_block_devices=others,
        metadata_options=_metadata(block, "MetadataOptions"),
        user_data=user_data(block, "UserData"),
    )


def _template(block: Block, groups: Owners[SecurityGroup]) -> LaunchTemplate:
    root, others = _devices(block, "LaunchTemplateData.BlockDeviceMappings.Ebs")
    return LaunchTemplate(
        cause=block.cause,
        name=block.string("LaunchTemplateName"),
        instance=Instance(
            cause=block.cause,
            metadata_options=_metadata(block, "LaunchTemplateData.MetadataOptions"),
            user_data=user_data(block, "LaunchTemplateData.UserData"),
            security_groups=groups.listed(block, "LaunchTemplateData.SecurityGroupIds"),
            root_block_device=root,
            ebs_block_devices=others,
        ),
    )


def _instance(
    graph: Graph, block: Block, groups: Owners[SecurityGroup], templates: dict[int, LaunchTemplate]
) -> Instance:
    root, others = _devices(block, "BlockDeviceMappings.Ebs")
    instance = Instance(
        cause=block.cause,
        metadata_options=_metadata(block, "MetadataOptions"),
        user_data=user_data(block, "UserData"),
        security_groups=groups.listed(block, "SecurityGroupIds", "SecurityGroups"),
        root_block_device=root,
        ebs_block_devices=others,
    )
    reference = block.block("LaunchTemplate")
    if reference is not None:
        kind = "AWS::EC2::LaunchTemplate"
        target = graph.target(reference, "LaunchTemplateId", kind) or graph.target(
            reference, "LaunchTemplateName", kind
        )
        template = templates[id(target)].instance if target is not None and id(target) in templates else None
        instance.inherit(template, reference.cause, alone=not block.has("MetadataOptions"))
    if instance.root_block_device is None:  # every machine has one, whether it is written or not
        instance.root_block_device = BlockDevice(cause=block.cause, encrypted=constant(False, block))
    return instance
