"""Checks of what policies allow."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.policy import NamedPolicy, Policy, statements
from vigie.misconfig.value import Attribute

GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide"


@check(
    "AWS-0057",
    "aws.iam.policies",
    severity="HIGH",
    code="no-policy-wildcards",
    title="IAM policies should not use wildcards",
    why="Retired, it finds nothing: which wildcards are harmful depends on the service. AWS-0345 and AWS-0346 look at "
    "those of S3.",
    fix="Name the actions and resources that are needed.",
    references=(f"{GUIDE}/best-practices.html#grant-least-privilege",),
    deprecated=True,
)
def no_wildcards(policy: NamedPolicy) -> Flaws:
    yield from ()


@check(
    "AWS-0342",
    "aws.iam.policies",
    severity="MEDIUM",
    code="filter-passrole-access",
    title="Policies that allow iam:PassRole should be looked at",
    why="Who may pass a role to a service can use all rights of that role, which is how users gain more rights than "
    "they were given.",
    fix="Drop `iam:PassRole`, or keep it to the roles that are needed, by `Resource` and `iam:PassedToService`.",
    references=(f"{GUIDE}/id_roles_use_passrole.html",),
)
def no_pass_role(policy: NamedPolicy) -> Flaws:
    if _allowed(policy.document, "iam:PassRole"):
        yield flaw("The policy allows iam:PassRole.", policy.document)


@check(
    "AWS-0345",
    "aws.iam.policies",
    "aws.iam.roles.policies",
    severity="HIGH",
    code="no-s3-full-access",
    title="Policies should not allow all of S3",
    why="With s3:* a role can read, change and delete everything, and also rewrite the policies that protect it.",
    fix="Name the S3 actions that are needed.",
    references=(f"{GUIDE}/best-practices.html#grant-least-privilege",),
)
def no_full_s3(policy: NamedPolicy) -> Flaws:
    if _allowed(policy.document, "s3:*"):
        yield flaw("The policy allows all actions of S3 (s3:*).", policy.document)


@check(
    "AWS-0346",
    "aws.iam.policies",
    "aws.iam.roles.policies",
    severity="HIGH",
    code="unauthorized-bucket-access",
    title="Policies should not allow to read and write all buckets",
    why="Who can get and put anything anywhere can copy all data out and overwrite it.",
    fix="Name the buckets in `Resource`, and only the actions that are needed.",
    references=(f"{GUIDE}/reference_policies_examples_s3_rw-bucket.html",),
)
def no_blanket_bucket_access(policy: NamedPolicy) -> Flaws:
    for statement in statements(policy.document):
        if (
            statement.allows
            and "*" in statement.resources
            and statement.lists("s3:Get*")
            and statement.lists("s3:Put*")
        ):
            yield flaw("The policy allows s3:Get* and s3:Put* on all buckets.", policy.document)
            return


def _allowed(document: Attribute[Policy], action: str) -> bool:
    """Whether a statement allows the action by its name, and none denies it."""
    about = [statement for statement in statements(document) if statement.lists(action)]
    return any(statement.allows for statement in about) and not any(statement.denies for statement in about)
