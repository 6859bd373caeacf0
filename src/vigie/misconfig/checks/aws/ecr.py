"""Checks of ECR."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.ecr import Repository
from vigie.misconfig.resources.aws.policy import NamedPolicy, statements

GUIDE = "https://docs.aws.amazon.com/AmazonECR/latest/userguide"


@check(
    "AWS-0030",
    "aws.ecr.repositories",
    severity="HIGH",
    code="enable-image-scans",
    title="ECR should scan images when they are pushed",
    why="Images that nobody scans bring known vulnerabilities into production unseen.",
    fix="Set `scan_on_push = true` (CloudFormation: `ScanOnPush`) in the image scanning configuration.",
    references=(f"{GUIDE}/image-scanning.html",),
)
def scans(repository: Repository) -> Flaws:
    if not repository.image_scanning.scan_on_push.is_true:
        yield flaw("Images are not scanned when they are pushed.", repository.image_scanning.scan_on_push)


@check(
    "AWS-0031",
    "aws.ecr.repositories",
    severity="HIGH",
    code="enforce-immutable-repository",
    title="Tags in ECR repositories should be immutable",
    why="When a tag can be moved to another image, what was tested and signed may not be what runs.",
    fix="Set `image_tag_mutability` (CloudFormation: `ImageTagMutability`) to IMMUTABLE.",
    references=(f"{GUIDE}/image-tag-mutability.html",),
)
def immutable_tags(repository: Repository) -> Flaws:
    if not repository.image_tags_immutable.is_true:
        yield flaw("Tags can be overwritten.", repository.image_tags_immutable)


@check(
    "AWS-0032",
    "aws.ecr.repositories.policies",
    severity="HIGH",
    code="no-public-access",
    title="ECR repository policies should not admit everybody",
    why="Whoever can pull the images reads the code and configuration in them; whoever can push them runs code of "
    "their own in production.",
    fix="Name the accounts or roles that need the repository as principals, instead of `*`.",
    references=(f"{GUIDE}/repository-policies.html",),
)
def public_policy(policy: NamedPolicy) -> Flaws:
    for statement in statements(policy.document):
        # A statement that denies everybody something makes nothing public.
        if (
            statement.allows
            and statement.anyone
            and any(action == "*" or action.lower().startswith("ecr:") for action in statement.actions)
        ):
            yield flaw("The policy lets everybody use the repository.", policy.document)
            return


@check(
    "AWS-0033",
    "aws.ecr.repositories",
    severity="LOW",
    code="repository-customer-key",
    title="ECR repositories should be encrypted with a key of your own",
    why="Images are encrypted in any case, but the keys of AWS cannot be rotated, restricted or revoked by you.",
    fix="Set the encryption type to KMS, and `kms_key` (CloudFormation: `KmsKey`) to a KMS key of your own.",
    references=(f"{GUIDE}/encryption-at-rest.html",),
)
def customer_key(repository: Repository) -> Flaws:
    encryption = repository.encryption
    # KMS_DSSE is KMS twice.
    if encryption.type.differs("KMS", "KMS_DSSE"):
        yield flaw("The repository is not encrypted with KMS.", encryption.type)
    elif encryption.type.known and encryption.kms_key_id.is_empty:
        yield flaw("The repository names no KMS key of its own.", encryption.kms_key_id)
