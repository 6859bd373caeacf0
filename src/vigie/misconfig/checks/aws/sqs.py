"""Checks of SQS queues."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.policy import NamedPolicy, statements
from vigie.misconfig.resources.aws.sqs import Queue

GUIDE = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide"


@check(
    "AWS-0096",
    "aws.sqs.queues",
    severity="HIGH",
    code="enable-queue-encryption",
    title="SQS queues should be encrypted",
    why="Messages wait on the disks of SQS until they are taken; unencrypted, they can be read there.",
    fix="Set `sqs_managed_sse_enabled = true` (CloudFormation: `SqsManagedSseEnabled`), or name a KMS key in "
    "`kms_master_key_id` (`KmsMasterKeyId`).",
    references=(f"{GUIDE}/sqs-server-side-encryption.html",),
)
def queues_encrypted(queue: Queue) -> Flaws:
    encryption = queue.encryption
    if encryption.kms_key_id.is_empty and encryption.managed_encryption.is_false:
        yield flaw("The queue is not encrypted.", encryption.kms_key_id)


@check(
    "AWS-0097",
    "aws.sqs.queues.policies",
    severity="HIGH",
    code="no-wildcards-in-policy-documents",
    title="Policies of SQS queues should not allow all actions",
    why="Who may do everything can delete the queue, empty it, or let others in.",
    fix="Name the actions that are needed, such as sqs:SendMessage.",
    references=(f"{GUIDE}/sqs-security-best-practices.html",),
)
def policy_names_actions(policy: NamedPolicy) -> Flaws:
    for statement in statements(policy.document):
        if statement.allows and statement.lists("*", "sqs:*"):
            yield flaw("The policy of the queue allows all actions.", policy.document)
            return


@check(
    "AWS-0135",
    "aws.sqs.queues",
    severity="HIGH",
    code="queue-encryption-use-cmk",
    title="SQS queues should be encrypted with a key of your own",
    why="The key of AWS cannot be revoked or kept to few users, and other services cannot send to a queue that "
    "uses it.",
    fix="Name a KMS key of your own in `kms_master_key_id` (CloudFormation: `KmsMasterKeyId`), not alias/aws/sqs.",
    references=(f"{GUIDE}/sqs-server-side-encryption.html",),
)
def queues_with_own_key(queue: Queue) -> Flaws:
    key = queue.encryption.kms_key_id
    # a key that another resource makes is none of AWS's, whatever its address will be
    if not key.filled and key.equals("alias/aws/sqs"):
        yield flaw("The queue is encrypted with the key of AWS.", key)
