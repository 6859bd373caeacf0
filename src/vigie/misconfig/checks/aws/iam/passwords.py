"""Checks of the password policy of the account."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.iam import PasswordPolicy

PASSWORDS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html"


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
