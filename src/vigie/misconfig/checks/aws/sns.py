"""Checks of SNS topics."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.sns import Topic

GUIDE = "https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html"


@check(
    "AWS-0095",
    "aws.sns.topics",
    severity="HIGH",
    code="enable-topic-encryption",
    title="SNS topics should be encrypted",
    why="Messages wait on the disks of SNS until they are delivered; unencrypted, they can be read there.",
    fix="Name a KMS key in `kms_master_key_id` (CloudFormation: `KmsMasterKeyId`).",
    references=(GUIDE,),
)
def topics_encrypted(topic: Topic) -> Flaws:
    if topic.encryption.kms_key_id.is_empty:
        yield flaw("The topic is not encrypted.", topic.encryption.kms_key_id)


@check(
    "AWS-0136",
    "aws.sns.topics",
    severity="HIGH",
    code="topic-encryption-use-cmk",
    title="SNS topics should be encrypted with a key of your own",
    why="The key of AWS cannot be revoked or kept to few users, and other services cannot publish to a topic that "
    "uses it.",
    fix="Name a KMS key of your own in `kms_master_key_id` (CloudFormation: `KmsMasterKeyId`), not alias/aws/sns.",
    references=(GUIDE,),
)
def topics_with_own_key(topic: Topic) -> Flaws:
    key = topic.encryption.kms_key_id
    # a key that another resource makes is none of AWS's, whatever its address will be
    if not key.filled and key.equals("alias/aws/sns"):
        yield flaw("The topic is encrypted with the key of AWS.", key)
