"""AWS IAM: the password policy, users, groups, roles, and the policies of each.

A policy that is attached stands at its attachment, with the document of the policy. Policies of AWS itself have the
document that nothing fills; others that are not in the configuration have one that is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from msgspec import field

from vigie.misconfig.graph import Block, Graph, plain
from vigie.misconfig.owners import Owners
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.resources.aws.policy import NamedPolicy, Policy, block_policy
from vigie.misconfig.value import UNRESOLVED, Attribute, Cause, Unknown

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
    """creation_date, last_access: RFC 3339; empty for never, which is all that a configuration can say."""

    access_key_id: Attribute[str] = absent("")
    active: Attribute[bool] = absent(False)
    creation_date: Attribute[str] = absent("")
    last_access: Attribute[str] = absent("")


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
    """last_access: of the password, RFC 3339; empty for never, which is all that a configuration can say."""

    access_keys: list[AccessKey] = []
    mfa_devices: list[MfaDevice] = []
    last_access: Attribute[str] = absent("")


P = TypeVar("P", bound=Principal)


class Iam(Resource):
    password_policy: PasswordPolicy = field(default_factory=PasswordPolicy)
    policies: list[NamedPolicy] = []
    groups: list[Group] = []
    users: list[User] = []
    roles: list[Role] = []


# Terraform

TERRAFORM = ("aws_iam_group", "aws_iam_role", "aws_iam_user")


def terraform(graph: Graph) -> Iam:
    """IAM of a Terraform project."""
    groups = Owners(graph, ("aws_iam_group",), lambda block: _principal(graph, block, Group), Group)
    roles = Owners(graph, ("aws_iam_role",), lambda block: _principal(graph, block, Role), Role)
    users = Owners(graph, ("aws_iam_user",), lambda block: _principal(graph, block, User), User)
    kinds: list[tuple[str, Owners[Any]]] = [("group", groups), ("role", roles), ("user", users)]
    for kind, principals in kinds:
        for block in graph.resources(f"aws_iam_{kind}_policy"):
            principals.of(block, kind).policies.append(_policy(block))
        for block in graph.resources(f"aws_iam_{kind}_policy_attachment"):
            principals.of(block, kind).policies += _attached(graph, block, "policy_arn", "aws_iam_policy")
        for block in graph.resources("aws_iam_policy_attachment"):
            for principal in principals.named(block, f"{kind}s"):
                principal.policies += _attached(graph, block, "policy_arn", "aws_iam_policy")
    for block in graph.resources("aws_iam_access_key"):
        active = block.string("status", "Active").holds(_active)
        users.of(block, "user").access_keys.append(AccessKey(cause=block.cause, active=active))
    iam = Iam(
        policies=[_policy(block) for block in graph.resources("aws_iam_policy")],
        groups=groups.all,
        users=users.all,
        roles=roles.all,
    )
    for block in graph.resources("aws_iam_account_password_policy"):
        iam.password_policy = _password_policy(block)
    return iam


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


# CloudFormation

CLOUDFORMATION = ("AWS::IAM::Group", "AWS::IAM::Role", "AWS::IAM::User")


def cloudformation(graph: Graph) -> Iam:
    """IAM of a CloudFormation template."""
    groups = Owners(graph, ("AWS::IAM::Group",), lambda block: _principal(graph, block, Group), Group)
    roles = Owners(graph, ("AWS::IAM::Role",), lambda block: _principal(graph, block, Role), Role)
    users = Owners(graph, ("AWS::IAM::User",), lambda block: _principal(graph, block, User), User)
    kinds: list[tuple[str, Owners[Any]]] = [("Groups", groups), ("Roles", roles), ("Users", users)]
    policies = []
    for block in graph.resources("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        policies.append(_policy(block))
        for path, principals in kinds:
            for principal in principals.named(block, path):
                principal.policies.append(policies[-1])
    for block in graph.resources("AWS::IAM::AccessKey"):
        # A key without `Status` is active; Trivy takes it as inactive.
        active = block.string("Status", "Active").holds(_active)
        users.of(block, "UserName").access_keys.append(AccessKey(cause=block.cause, active=active))
    for block in graph.resources("AWS::IAM::VirtualMFADevice"):
        virtual = Attribute(True, block.cause, explicit=False)
        for user in users.named(block, "Users"):
            user.mfa_devices.append(MfaDevice(cause=block.cause, is_virtual=virtual))
    return Iam(policies=policies, groups=groups.all, users=users.all, roles=roles.all)


# Both


def _principal(graph: Graph, block: Block, kind: type[P]) -> P:
    """A group, role or user with the policies that its own block names."""
    if block.format == "terraform":
        name, inline, listed, policy = "name", "inline_policy", "managed_policy_arns", "aws_iam_policy"
    else:
        name = f"{kind.__name__}Name"
        inline, listed, policy = "Policies", "ManagedPolicyArns", "AWS::IAM::ManagedPolicy"
    return kind(
        cause=block.cause,
        name=block.string(name),
        policies=[*(_policy(part) for part in block.blocks(inline)), *_attached(graph, block, listed, policy)],
    )


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


def _attached(graph: Graph, block: Block, path: str, type: str) -> Iterator[NamedPolicy]:
    """The policies that an ARN, or a list of ARNs, names. They stand where they are attached."""
    found, cause = block.raw(path)
    if found is None:
        return
    targets = graph.targets(block, path, type)
    for target in targets:
        policy = _policy(target)
        policy.cause = cause
        yield policy
    value = plain(found.value)
    if targets and not isinstance(value, list):
        return
    for item in map(plain, value if isinstance(value, list) else [value]):
        if isinstance(item, Unknown) and item.source in targets:
            continue
        if not targets or not isinstance(item, str) or item.startswith("arn:"):
            yield _from_elsewhere(item, cause)


def _from_elsewhere(arn: Any, cause: Cause) -> NamedPolicy:
    """A policy that is not in the configuration, by its ARN. AWS's own are `arn:aws:iam::aws:policy/ReadOnlyAccess`;
    their partition, the first `aws`, is often not known."""
    text = arn.like if isinstance(arn, Unknown) else arn
    text = text if isinstance(text, str) else ""
    builtin = ":iam::aws:policy/" in text
    name = text.rpartition("/")[2]
    return NamedPolicy(
        cause=cause,
        name=Attribute(name, cause, known=bool(name) and UNRESOLVED not in name),
        builtin=Attribute(builtin, cause, known=bool(text)),
        document=Attribute(Policy(), cause, known=builtin, explicit=False),
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
        always=True,
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
        always=True,
    ),
)
