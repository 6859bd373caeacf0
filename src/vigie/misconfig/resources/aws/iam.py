"""AWS IAM: the password policy, users, groups, roles, and the policies of each.

A policy that is attached stands at its attachment, with the document of the policy. Policies of AWS itself have the
document that nothing fills; others that are not in the configuration have one that is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import field

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.resources.aws.policy import NamedPolicy, Policy, block_policy
from vigie.misconfig.value import Attribute

NEVER = 9223372036854775807
"""Days that passwords are good for when they do not expire."""


class PasswordPolicy(Resource):
    reuse_prevention_count: Attribute[int] = absent(0)
    require_lowercase: Attribute[bool] = absent(False)
    require_uppercase: Attribute[bool] = absent(False)
    require_numbers: Attribute[bool] = absent(False)
    require_symbols: Attribute[bool] = absent(False)
    max_age_days: Attribute[int] = absent(0)
    minimum_length: Attribute[int] = absent(0)


class AccessKey(Resource):
    active: Attribute[bool] = absent(False)


class MfaDevice(Resource):
    is_virtual: Attribute[bool] = absent(True)


class Principal(Resource):
    """What groups, roles and users have in common."""

    name: Attribute[str] = absent("")
    policies: list[NamedPolicy] = []


class Group(Principal):
    pass


class Role(Principal):
    pass


class User(Principal):
    access_keys: list[AccessKey] = []
    mfa_devices: list[MfaDevice] = []


class Iam(Resource):
    password_policy: PasswordPolicy = field(default_factory=PasswordPolicy)
    policies: list[NamedPolicy] = []
    groups: list[Group] = []
    users: list[User] = []
    roles: list[Role] = []


Kinds = dict[str, tuple[type[Principal], str]]
"""What each type of resource is, and the attribute of its name."""


class Principals:
    """The groups, roles and users of a project by their blocks, with placeholders for those that stand elsewhere."""

    def __init__(self, graph: Graph, kinds: Kinds) -> None:
        self._graph, self._kinds = graph, kinds
        self.known: dict[int, Principal] = {}
        self.elsewhere: list[Principal] = []
        for type_, (kind, name) in kinds.items():
            for block in graph.resources(type_):
                self.known[id(block)] = kind(cause=block.cause, name=block.string(name))

    def of(self, block: Block, path: str, type: str) -> Principal:
        """The one that an attribute names."""
        target = self._graph.target(block, path, type)
        return self._found(target, type)

    def all_of(self, block: Block, path: str, type: str) -> Iterator[Principal]:
        """All that a list names. Lists that name none of the configuration's give one placeholder."""
        targets: Sequence[Block | None] = self._graph.targets(block, path, type)
        if not targets and block.has(path):
            targets = [None]
        for target in targets:
            yield self._found(target, type)

    def _found(self, target: Block | None, type: str) -> Principal:
        if target is not None and id(target) in self.known:
            return self.known[id(target)]
        self.elsewhere.append(self._kinds[type][0]())
        return self.elsewhere[-1]

    def fill(self, iam: Iam) -> Iam:
        for principal in (*self.known.values(), *self.elsewhere):
            if isinstance(principal, User):
                iam.users.append(principal)
            elif isinstance(principal, Group):
                iam.groups.append(principal)
            elif isinstance(principal, Role):
                iam.roles.append(principal)
        return iam


# Terraform

TERRAFORM: Kinds = {
    "aws_iam_group": (Group, "name"),
    "aws_iam_role": (Role, "name"),
    "aws_iam_user": (User, "name"),
}


def terraform(graph: Graph) -> Iam:
    """IAM of a Terraform project."""
    principals = Principals(graph, TERRAFORM)
    for type_ in TERRAFORM:
        kind = type_.removeprefix("aws_iam_")
        for block in graph.resources(f"{type_}_policy"):
            principals.of(block, kind, type_).policies.append(_policy(block))
        for block in graph.resources(f"{type_}_policy_attachment"):
            principals.of(block, kind, type_).policies.append(_attached(graph, block))
        for block in graph.resources("aws_iam_policy_attachment"):
            for principal in principals.all_of(block, f"{kind}s", type_):
                principal.policies.append(_attached(graph, block))
    for block in graph.resources("aws_iam_role"):
        role = principals.known[id(block)]
        role.policies += [_policy(inline) for inline in block.blocks("inline_policy")]
        role.policies += _listed(graph, block, "managed_policy_arns", "aws_iam_policy")
    for block in graph.resources("aws_iam_access_key"):
        user = principals.of(block, "user", "aws_iam_user")
        if isinstance(user, User):
            active = block.string("status", "Active").holds(_active)
            user.access_keys.append(AccessKey(cause=block.cause, active=active))
    iam = Iam(policies=[_policy(block) for block in graph.resources("aws_iam_policy")])
    for block in graph.resources("aws_iam_account_password_policy"):
        iam.password_policy = _password_policy(block)
    return principals.fill(iam)


def _password_policy(block: Block) -> PasswordPolicy:
    return PasswordPolicy(
        cause=block.cause,
        reuse_prevention_count=block.integer("password_reuse_prevention"),
        require_lowercase=block.boolean("require_lowercase_characters"),
        require_uppercase=block.boolean("require_uppercase_characters"),
        require_numbers=block.boolean("require_numbers"),
        require_symbols=block.boolean("require_symbols"),
        max_age_days=block.integer("max_password_age", NEVER),
        minimum_length=block.integer("minimum_password_length"),
    )


def _attached(graph: Graph, block: Block) -> NamedPolicy:
    """A policy at its attachment."""
    target = graph.target(block, "policy_arn", "aws_iam_policy")
    if target is None:
        return _from_elsewhere(block.string("policy_arn"))
    policy = _policy(target)
    policy.cause = block.cause
    return policy


# CloudFormation

CLOUDFORMATION: Kinds = {
    "AWS::IAM::Group": (Group, "GroupName"),
    "AWS::IAM::Role": (Role, "RoleName"),
    "AWS::IAM::User": (User, "UserName"),
}


def cloudformation(graph: Graph) -> Iam:
    """IAM of a CloudFormation template."""
    principals = Principals(graph, CLOUDFORMATION)
    iam = Iam()
    for block in graph.resources(*CLOUDFORMATION):
        principal = principals.known[id(block)]
        principal.policies += [_policy(inline) for inline in block.blocks("Policies")]
        principal.policies += _listed(graph, block, "ManagedPolicyArns", "AWS::IAM::ManagedPolicy")
    for block in graph.resources("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        policy = _policy(block)
        iam.policies.append(policy)
        for type_, path in (("AWS::IAM::Group", "Groups"), ("AWS::IAM::Role", "Roles"), ("AWS::IAM::User", "Users")):
            for principal in principals.all_of(block, path, type_):
                principal.policies.append(policy)
    for block in graph.resources("AWS::IAM::AccessKey"):
        user = principals.of(block, "UserName", "AWS::IAM::User")
        if isinstance(user, User):
            # A key without `Status` is active; Trivy takes it as inactive.
            active = block.string("Status", "Active").holds(_active)
            user.access_keys.append(AccessKey(cause=block.cause, active=active))
    for block in graph.resources("AWS::IAM::VirtualMFADevice"):
        for user in principals.all_of(block, "Users", "AWS::IAM::User"):
            if isinstance(user, User):
                virtual = Attribute(True, block.cause, explicit=False)
                user.mfa_devices.append(MfaDevice(cause=block.cause, is_virtual=virtual))
    return principals.fill(iam)


# Both


def _policy(block: Block) -> NamedPolicy:
    """A policy as a resource, or as a part of one."""
    if block.format == "terraform":
        name, document = block.string("name"), block_policy(block, "policy")
    else:
        name = block.string("ManagedPolicyName" if block.type == "AWS::IAM::ManagedPolicy" else "PolicyName")
        document = block_policy(block, "PolicyDocument")
    return NamedPolicy(
        cause=block.cause, name=name, document=document, builtin=Attribute(False, block.cause, explicit=False)
    )


def _listed(graph: Graph, block: Block, path: str, type: str) -> Iterator[NamedPolicy]:
    """The policies whose ARNs are listed."""
    listed = block.raw(path)[1]
    for target in graph.targets(block, path, type):
        policy = _policy(target)
        policy.cause = listed
        yield policy
    for arn in block.strings(path):
        if arn.value.startswith("arn:") or not (arn.known or arn.filled):
            yield _from_elsewhere(arn)


def _from_elsewhere(arn: Attribute[str]) -> NamedPolicy:
    """A policy that is not in the configuration, by its ARN. AWS's own: `arn:aws:iam::aws:policy/ReadOnlyAccess`."""
    builtin = arn.holds(lambda text: ":iam::aws:policy/" in text)
    name = Attribute(arn.value.rpartition("/")[2], arn.cause, arn.known)
    known = builtin.value is True
    return NamedPolicy(
        cause=arn.cause, name=name, builtin=builtin, document=Attribute(Policy(), arn.cause, known, explicit=False)
    )


def _active(status: str) -> bool:
    return status == "Active"


service = Service(
    path="aws.iam",
    model=Iam,
    terraform=Adapter(
        types=(
            *TERRAFORM,
            *(f"{type_}_policy" for type_ in TERRAFORM),
            *(f"{type_}_policy_attachment" for type_ in TERRAFORM),
            "aws_iam_access_key",
            "aws_iam_account_password_policy",
            "aws_iam_policy",
            "aws_iam_policy_attachment",
        ),
        fill=terraform,
    ),
    cloudformation=Adapter(
        types=(
            *CLOUDFORMATION,
            "AWS::IAM::AccessKey",
            "AWS::IAM::ManagedPolicy",
            "AWS::IAM::Policy",
            "AWS::IAM::VirtualMFADevice",
        ),
        fill=cloudformation,
    ),
)
