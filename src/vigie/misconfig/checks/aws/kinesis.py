"""Checks of Kinesis."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.kinesis import Stream


@check(
    "AWS-0064",
    "aws.kinesis.streams",
    severity="HIGH",
    code="enable-in-transit-encryption",
    title="Kinesis streams should be encrypted with a key of your own",
    why="Records that are not encrypted can be read by whoever gets at the storage; with a key of your own, access to "
    "them can be restricted, watched and revoked.",
    fix="Set the encryption type to KMS, and `kms_key_id` (CloudFormation: `KeyId`) to a KMS key of your own.",
    references=("https://docs.aws.amazon.com/streams/latest/dev/server-side-encryption.html",),
)
def encrypted(stream: Stream) -> Flaws:
    encryption = stream.encryption
    if encryption.type.differs("KMS"):
        yield flaw("The stream is not encrypted with KMS.", encryption.type)
    elif encryption.type.known and encryption.kms_key_id.is_empty:
        yield flaw("The stream names no KMS key of its own.", encryption.kms_key_id)
