"""Checks of networks, and of who may pass: security groups and network ACLs."""

from __future__ import annotations

from vigie.misconfig.addresses import means_everybody
from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.ec2.model import NetworkAclRule, Rule, SecurityGroup, Subnet, Vpc
from vigie.misconfig.value import Attribute

GUIDE = "https://docs.aws.amazon.com/vpc/latest/userguide"
GROUPS = f"{GUIDE}/vpc-security-groups.html"
ACLS = f"{GUIDE}/vpc-network-acls.html"
TCP, UDP, ALL = ("tcp", "6"), ("udp", "17"), ("all", "-1")
ADMIN_PORTS = (22, 3389)
"""SSH and RDP."""


@check(
    "AWS-0099",
    "aws.ec2.security_groups",
    severity="LOW",
    code="add-description-to-security-group",
    title="Security groups should have a description",
    why="Without a description nobody dares to change or remove a group, and old openings stay.",
    fix="Say in `description` (CloudFormation: `GroupDescription`) what the group is for. A change makes a new group.",
    references=(GROUPS,),
    aliases=("aws-vpc-add-description-to-security-group",),
)
def groups_described(group: SecurityGroup) -> Flaws:
    if _undescribed(group.description) and not group.is_default.is_true:
        yield flaw("The security group has no description of its own.", group.description)


@check(
    "AWS-0101",
    "aws.ec2.vpcs",
    severity="HIGH",
    code="no-default-vpc",
    title="The default VPC should not be used",
    why="The default VPC has public subnets and no logs: what is put there by habit is reachable from the internet.",
    fix="Make a VPC for the purpose, and delete the default one.",
    references=(f"{GUIDE}/default-vpc.html",),
    aliases=("aws-vpc-no-default-vpc",),
)
def no_default_vpc(vpc: Vpc) -> Flaws:
    if vpc.is_default.is_true:
        yield flaw("The default VPC is used.", vpc)


@check(
    "AWS-0102",
    "aws.ec2.network_acls.rules",
    severity="CRITICAL",
    code="no-excessive-port-access",
    title="Rules of network ACLs should not allow all protocols",
    why="A rule for all protocols opens every port of every machine in its subnets.",
    fix="Name the protocol and the ports that are needed.",
    references=(ACLS,),
    aliases=("aws-vpc-no-excessive-port-access",),
)
def acl_names_protocol(rule: NetworkAclRule) -> Flaws:
    if rule.action.same("allow") and rule.protocol.same(*ALL):
        yield flaw("The rule allows all protocols and ports.", rule.protocol)


@check(
    "AWS-0104",
    "aws.ec2.security_groups.egress_rules",
    severity="CRITICAL",
    code="no-public-egress-sgr",
    title="Security groups should not let traffic out to everywhere",
    why="Malware on a machine that may talk to any address can send data out and take orders.",
    fix="Name the networks, prefix lists or security groups that the machines must reach.",
    references=(GROUPS,),
    aliases=("aws-vpc-no-public-egress-sgr",),
)
def egress_not_to_all(rule: Rule) -> Flaws:
    for cidr in _worldwide(rule.cidrs):
        yield flaw(f"The rule lets traffic out to every address ({cidr.value}).", cidr)


@check(
    "AWS-0105",
    "aws.ec2.network_acls.rules",
    severity="MEDIUM",
    code="no-public-ingress-acl",
    title="Network ACLs should not open SSH and RDP to the internet",
    why="The ports of remote administration are those that attackers try first, all the time.",
    fix="Let only the networks of your administrators in, or use Session Manager without any open port.",
    references=(ACLS,),
    aliases=("aws-vpc-no-public-ingress-acl",),
)
def acl_admin_ports_closed(rule: NetworkAclRule) -> Flaws:
    if not rule.type.equals("ingress") or (rule.action.known and not rule.action.same("allow")):
        return
    if _harmless(rule, TCP):
        return
    if rule.action.same("allow") and _reaches_admin_port(rule, TCP):
        for cidr in _worldwide(rule.cidrs):
            yield flaw(f"The rule opens SSH or RDP to every address ({cidr.value}).", cidr)


@check(
    "AWS-0107",
    "aws.ec2.security_groups.ingress_rules",
    severity="HIGH",
    code="no-public-ingress-sgr",
    title="Security groups should not open SSH and RDP to the internet",
    why="The ports of remote administration are those that attackers try first, all the time.",
    fix="Let only the networks of your administrators in, or use Session Manager without any open port.",
    references=(GROUPS,),
)
def group_admin_ports_closed(rule: Rule) -> Flaws:
    if not _harmless(rule, TCP + UDP) and _reaches_admin_port(rule, TCP + UDP):
        for cidr in _worldwide(rule.cidrs):
            yield flaw(f"The rule opens SSH or RDP to every address ({cidr.value}).", cidr)


@check(
    "AWS-0124",
    "aws.ec2.security_groups.ingress_rules",
    "aws.ec2.security_groups.egress_rules",
    severity="LOW",
    code="add-description-to-security-group-rule",
    title="Rules of security groups should have a description",
    why="Without a description nobody can tell what a rule is for, or whether it is still needed.",
    fix="Say in `description` (CloudFormation: `Description`) who needs the rule, and why.",
    references=(GROUPS,),
    aliases=("aws-vpc-add-description-to-security-group-rule",),
)
def rules_described(rule: Rule) -> Flaws:
    if _undescribed(rule.description):
        yield flaw("The rule has no description.", rule.description)


@check(
    "AWS-0164",
    "aws.ec2.subnets",
    severity="HIGH",
    code="no-public-ip-subnet",
    title="Subnets should not give public addresses",
    why="Every machine started in such a subnet is reachable from the internet, whether that was meant or not.",
    fix="Set `map_public_ip_on_launch = false` (CloudFormation: `MapPublicIpOnLaunch`), and give "
    "addresses to the few machines that need one.",
    references=(f"{GUIDE}/modify-subnets.html",),
    aliases=("aws-vpc-no-public-ingress-sgr",),
)
def subnet_gives_no_public_address(subnet: Subnet) -> Flaws:
    if subnet.map_public_ip_on_launch.is_true:
        yield flaw("Machines started in the subnet get a public address.", subnet.map_public_ip_on_launch)


@check(
    "AWS-0173",
    "aws.ec2.security_groups",
    severity="LOW",
    code="restrict-all-in-default-sg",
    title="The default security group should have no rules",
    why="What is started without naming a group gets the default one, and with it all that its rules allow.",
    fix="Declare the default security group without rules, and name other groups everywhere.",
    references=(f"{GUIDE}/default-security-group.html",),
    frameworks=("aws-cis-1.4", "cis-aws-1.4"),
)
def default_group_is_closed(group: SecurityGroup) -> Flaws:
    if group.is_default.is_true and (rules := group.ingress_rules + group.egress_rules):
        yield flaw("The default security group has rules.", rules[0])


@check(
    "AWS-0178",
    "aws.ec2.vpcs",
    severity="MEDIUM",
    code="require-vpc-flow-logs-for-all-vpcs",
    title="VPCs should have flow logs",
    why="Without flow logs nobody can tell after an incident which machine talked to whom.",
    fix="Add an `aws_flow_log` for the VPC, or an `AWS::EC2::FlowLog` of the resource type VPC.",
    references=(f"{GUIDE}/flow-logs.html",),
    aliases=("aws-autoscaling-enable-at-rest-encryption",),
)
def vpc_logs_flows(vpc: Vpc) -> Flaws:
    if vpc.flow_logs_enabled.is_false:
        yield flaw("The VPC has no flow log.", vpc.flow_logs_enabled)


def _undescribed(description: Attribute[str]) -> bool:
    return description.is_empty or description.equals("Managed by Terraform")


def _worldwide(cidrs: list[Attribute[str]]) -> list[Attribute[str]]:
    """Those that mean every address."""
    return [cidr for cidr in cidrs if cidr.certain() and means_everybody(cidr.value)]


def _harmless(rule: Rule | NetworkAclRule, protocols: tuple[str, ...]) -> bool:
    """Whether one thing that is known shows that the rule opens nothing, whatever is not known besides: its addresses,
    its protocol, or its ports."""
    if all(cidr.known and not means_everybody(cidr.value) for cidr in rule.cidrs):
        return True
    if not rule.protocol.known:
        return False
    return not rule.protocol.same(*ALL) and (not rule.protocol.same(*protocols) or _outside(rule))


def _outside(rule: Rule | NetworkAclRule) -> bool:
    """Whether the ports are known and none of them is for administration."""
    start, end = rule.from_port, rule.to_port
    return (
        (start.known and start.value > max(ADMIN_PORTS))
        or (end.known and end.value < min(ADMIN_PORTS))
        or (start.known and end.known and not any(start.value <= port <= end.value for port in ADMIN_PORTS))
    )


def _reaches_admin_port(rule: Rule | NetworkAclRule, protocols: tuple[str, ...]) -> bool:
    """Whether it is for all protocols, or for one of these and a port of administration."""
    if rule.protocol.same(*ALL):
        return True
    return rule.protocol.same(*protocols) and rule.from_port.certain() and rule.to_port.certain() and not _outside(rule)
