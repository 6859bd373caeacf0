"""Checks of the root user, of users and their credentials, and of groups."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.iam import AccessKey, Group, Role, User
from vigie.misconfig.resources.aws.policy import statements
from vigie.misconfig.value import Attribute

GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide"
ROOT = f"{GUIDE}/root-user-best-practices.html"
CIS_12, CIS_14 = ("aws-cis-1.2", "cis-aws-1.2"), ("aws-cis-1.4", "cis-aws-1.4")


@check(
    "AWS-0123",
    "aws.iam.groups",
    severity="MEDIUM",
    code="enforce-group-mfa",
    title="Groups should need multi-factor authentication",
    why="With a password or key alone a thief has all that the group may do.",
    fix="Attach a policy to the group that denies everything unless `aws:MultiFactorAuthPresent` is true.",
    references=(f"{GUIDE}/id_credentials_mfa_configure-api-require.html",),
    aliases=("aws-iam-enforce-mfa",),
)
def groups_need_mfa(group: Group) -> Flaws:
    documents = [policy.document for policy in group.policies]
    if any(
        statement.tests("aws:MultiFactorAuthPresent") for document in documents for statement in statements(document)
    ):
        return
    if all(document.certain() for document in documents):
        yield flaw("No policy of the group asks for multi-factor authentication.", group)


@check(
    "AWS-0140",
    "aws.iam.users",
    severity="LOW",
    code="limit-root-account-usage",
    title="The root user should not be used",
    why="No policy of the account limits what the root user does, and each use of its password is a chance to take it.",
    fix="Work with roles that have the rights that are needed.",
    references=(ROOT,),
)
def root_is_not_used(user: User) -> Flaws:
    if user.name.equals("root") and (days := _days_since(user.last_access)) is not None and days < 1:
        yield flaw("The root user was used within the last day.", user)


@check(
    "AWS-0141",
    "aws.iam.users",
    severity="CRITICAL",
    code="no-root-access-keys",
    title="The root user should have no access key",
    why="A key of the root user can do anything in the account, and no policy can hold it back.",
    fix="Delete the key and use roles instead.",
    references=(ROOT,),
)
def root_has_no_keys(user: User) -> Flaws:
    if user.name.equals("root"):
        for key in user.access_keys:
            if key.active.is_true:
                yield flaw("The root user has an active access key.", key)


@check(
    "AWS-0142",
    "aws.iam.users",
    severity="CRITICAL",
    code="enforce-root-mfa",
    title="The root user should have multi-factor authentication",
    why="The password of the root user is all that stands between a thief and the whole account.",
    fix="Give the root user an MFA device.",
    references=(ROOT,),
    frameworks=(*CIS_12, *CIS_14),
)
def root_has_mfa(user: User) -> Flaws:
    if user.name.equals("root") and not user.mfa_devices:
        yield flaw("The root user has no MFA device.", user)


@check(
    "AWS-0143",
    "aws.iam.users",
    severity="LOW",
    code="no-user-attached-policies",
    title="Policies should be attached to groups, not to users",
    why="Rights of single users are easily forgotten when people change their work; rights of groups are reviewed at "
    "one place.",
    fix="Attach the policy to a group or role and make the user a member.",
    references=(f"{GUIDE}/access_policies_managed-vs-inline.html",),
)
def users_have_no_policies(user: User) -> Flaws:
    if user.policies:
        at = user if user.cause.managed else user.policies[0]
        yield flaw("Policies are attached directly to the user.", at)


@check(
    "AWS-0144",
    "aws.iam.users",
    severity="MEDIUM",
    code="disable-unused-credentials",
    title="Credentials that were not used for 90 days should be disabled",
    why="Nobody would notice if a password or key that its owner has forgotten were used by somebody else.",
    fix="Disable the password or key, or delete the user.",
    references=(f"{GUIDE}/id_credentials_finding-unused.html",),
    frameworks=CIS_12,
)
def used_within_90_days(user: User) -> Flaws:
    yield from _unused(user, 90)


@check(
    "AWS-0145",
    "aws.iam.users",
    severity="MEDIUM",
    code="enforce-user-mfa",
    title="Users of the console should have multi-factor authentication",
    why="With a stolen password alone a thief is in.",
    fix="Give every user who logs in to the console an MFA device.",
    references=(f"{GUIDE}/id_credentials_mfa.html",),
    frameworks=(*CIS_12, *CIS_14),
)
def users_have_mfa(user: User) -> Flaws:
    if not user.mfa_devices and _days_since(user.last_access) is not None:
        yield flaw("The user logs in without multi-factor authentication.", user)


@check(
    "AWS-0146",
    "aws.iam.users.access_keys",
    severity="LOW",
    code="rotate-access-keys",
    title="Access keys should be replaced every 90 days",
    why="The longer a key is in use, the more copies of it lie around.",
    fix="Make a new key, let all programs use it, and delete the old one.",
    references=(f"{GUIDE}/id_credentials_access-keys.html",),
    frameworks=(*CIS_12, *CIS_14),
)
def keys_are_young(key: AccessKey) -> Flaws:
    if key.active.is_true and (days := _days_since(key.creation_date)) is not None and days > 90:
        yield flaw(f"The access key is {int(days)} days old; 90 are the most.", key)


@check(
    "AWS-0165",
    "aws.iam.users",
    severity="MEDIUM",
    code="enforce-root-hardware-mfa",
    title="The root user should have a hardware MFA device",
    why="The secret of a virtual device can be copied from the phone it lives on; that of a hardware device cannot.",
    fix="Give the root user a hardware MFA device.",
    references=(ROOT,),
    frameworks=CIS_14,
)
def root_has_hardware_mfa(user: User) -> Flaws:
    if user.name.equals("root") and not any(device.is_virtual.is_false for device in user.mfa_devices):
        yield flaw("The root user has no hardware MFA device.", user)


@check(
    "AWS-0166",
    "aws.iam.users",
    severity="LOW",
    code="disable-unused-credentials-45-days",
    title="Credentials that were not used for 45 days should be disabled",
    why="Nobody would notice if a password or key that its owner has forgotten were used by somebody else.",
    fix="Disable the password or key, or delete the user.",
    references=(f"{GUIDE}/id_credentials_finding-unused.html",),
    frameworks=CIS_14,
)
def used_within_45_days(user: User) -> Flaws:
    yield from _unused(user, 45)


@check(
    "AWS-0167",
    "aws.iam.users",
    severity="LOW",
    code="limit-user-access-keys",
    title="A user should have only one active access key",
    why="Two keys double what can be stolen; the second is for the days of a change only.",
    fix="Deactivate or delete all keys of the user but one.",
    references=(f"{GUIDE}/id_credentials_access-keys.html",),
    frameworks=CIS_14,
)
def one_active_key(user: User) -> Flaws:
    active = [key for key in user.access_keys if key.active.is_true]
    if len(active) > 1:
        yield flaw(f"The user has {len(active)} active access keys.", user if user.cause.managed else active[1])


@check(
    "AWS-0169",
    "aws.iam.roles",
    severity="LOW",
    code="require-support-role",
    title="There should be a role for AWS Support",
    why="Retired, it finds nothing: whether somebody may talk to AWS Support cannot be seen in one configuration.",
    fix="Have a role with the policy AWSSupportAccess.",
    references=(f"{GUIDE}/access_policies_job-functions.html",),
    frameworks=CIS_14,
    deprecated=True,
)
def has_support_role(role: Role) -> Flaws:
    yield from ()


def _unused(user: User, most: int) -> Flaws:
    """What of a user's credentials was last used more than this many days ago."""
    days = _days_since(user.last_access)
    if days is not None and days > most:
        yield flaw(f"The user was last seen {int(days)} days ago; {most} are the most.", user)
    for key in user.access_keys:
        if key.active.is_true and (days := _days_since(key.last_access)) is not None and days > most:
            yield flaw(f"The access key was last used {int(days)} days ago; {most} are the most.", key)


def _days_since(time: Attribute[str]) -> float | None:
    """Days since a time; None for one that never was. Configurations only tell of what is to be, so that of them it is
    always None; the times come from accounts."""
    if not time.certain() or not time.value:
        return None
    try:
        then = datetime.fromisoformat(time.value)
    except ValueError:
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return (datetime.now(UTC) - then) / timedelta(days=1) if then.year > 1 else None
