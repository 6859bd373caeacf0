"""Checks of IAM: the password policy, the root user, users, groups, and what policies allow."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.iam import Group, PasswordPolicy, User
from vigie.misconfig.resources.aws.policy import NamedPolicy, Policy, statements
from vigie.misconfig.value import Attribute

GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide"
PASSWORDS = f"{GUIDE}/id_credentials_passwords_account-policy.html"
ROOT = f"{GUIDE}/root-user-best-practices.html"
CIS_12, CIS_14 = ("aws-cis-1.2", "cis-aws-1.2"), ("aws-cis-1.4", "cis-aws-1.4")


@check(
    "AWS-0056",
    "aws.iam.password_policy",
    severity="MEDIUM",
    code="no-password-reuse",
    title="The password policy should prevent reuse of at least 5 passwords",
    why="A password that was stolen once works again as soon as its owner returns to it.",
    fix="Set `password_reuse_prevention` to 5 or more; the CIS benchmark asks for 24.",
    references=(PASSWORDS,),
)
def prevents_reuse(policy: PasswordPolicy) -> Flaws:
    count = policy.reuse_prevention_count
    if count.below(5):
        yield flaw(f"Only the last {count.value} passwords cannot be used again; 5 is the least.", count)


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
    "AWS-0058",
    "aws.iam.password_policy",
    severity="MEDIUM",
    code="require-lowercase-in-passwords",
    title="The password policy should ask for lowercase letters",
    why="Every kind of character that is missing makes passwords easier to guess.",
    fix="Set `require_lowercase_characters = true`.",
    references=(PASSWORDS,),
)
def asks_for_lowercase(policy: PasswordPolicy) -> Flaws:
    if not policy.require_lowercase.is_true:
        yield flaw("Passwords need no lowercase letter.", policy.require_lowercase)


@check(
    "AWS-0059",
    "aws.iam.password_policy",
    severity="MEDIUM",
    code="require-numbers-in-passwords",
    title="The password policy should ask for digits",
    why="Every kind of character that is missing makes passwords easier to guess.",
    fix="Set `require_numbers = true`.",
    references=(PASSWORDS,),
)
def asks_for_numbers(policy: PasswordPolicy) -> Flaws:
    if not policy.require_numbers.is_true:
        yield flaw("Passwords need no digit.", policy.require_numbers)


@check(
    "AWS-0060",
    "aws.iam.password_policy",
    severity="MEDIUM",
    code="require-symbols-in-passwords",
    title="The password policy should ask for symbols",
    why="Every kind of character that is missing makes passwords easier to guess.",
    fix="Set `require_symbols = true`.",
    references=(PASSWORDS,),
)
def asks_for_symbols(policy: PasswordPolicy) -> Flaws:
    if not policy.require_symbols.is_true:
        yield flaw("Passwords need no symbol.", policy.require_symbols)


@check(
    "AWS-0061",
    "aws.iam.password_policy",
    severity="MEDIUM",
    code="require-uppercase-in-passwords",
    title="The password policy should ask for uppercase letters",
    why="Every kind of character that is missing makes passwords easier to guess.",
    fix="Set `require_uppercase_characters = true`.",
    references=(PASSWORDS,),
)
def asks_for_uppercase(policy: PasswordPolicy) -> Flaws:
    if not policy.require_uppercase.is_true:
        yield flaw("Passwords need no uppercase letter.", policy.require_uppercase)


@check(
    "AWS-0062",
    "aws.iam.password_policy",
    severity="MEDIUM",
    code="set-max-password-age",
    title="The password policy should let passwords expire within 90 days",
    why="A stolen password works for as long as it is not changed.",
    fix="Set `max_password_age` to 90 or less; 0 means never.",
    references=(PASSWORDS,),
)
def passwords_expire(policy: PasswordPolicy) -> Flaws:
    age = policy.max_age_days
    # 0 turns expiry off; Trivy takes it as zero days.
    if age.equals(0) or (age.explicit and age.above(90)):
        when = f"only after {age.value} days" if age.value else "never"
        yield flaw(f"Passwords expire {when}; 90 days is the most.", age)
    elif age.above(90):
        yield flaw("Passwords never expire.", age)


@check(
    "AWS-0063",
    "aws.iam.password_policy",
    severity="MEDIUM",
    code="set-minimum-password-length",
    title="The password policy should ask for at least 14 characters",
    why="Each character more multiplies the work of guessing; short passwords fall in hours.",
    fix="Set `minimum_password_length` to 14 or more.",
    references=(PASSWORDS,),
)
def passwords_are_long(policy: PasswordPolicy) -> Flaws:
    length = policy.minimum_length
    if length.below(14):
        asked = f"as short as {length.value} characters" if length.value else "of any length"
        yield flaw(f"Passwords {asked} are accepted; 14 is the least.", length)


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
    for policy in user.policies:
        yield flaw("A policy is attached directly to a user.", policy)


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
def has_support_role(role: object) -> Flaws:
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
