"""Amazon S3: buckets, and what other resources say about them.

In Terraform most of a bucket stands in resources of its own (`aws_s3_bucket_versioning` …), which name their bucket.
Those whose bucket is not in the configuration share a placeholder per bucket, so that what they say is still judged.
What the bucket says itself of its ACL, encryption and logging goes before what they say.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import field

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.owners import Owners
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.resources.aws.policy import NamedPolicy, block_policy
from vigie.misconfig.value import Attribute

PUBLIC_ACLS = ("public-read", "public-read-write", "website", "authenticated-read")


class PublicAccessBlock(Resource):
    block_public_acls: Attribute[bool] = absent(False)
    block_public_policy: Attribute[bool] = absent(False)
    ignore_public_acls: Attribute[bool] = absent(False)
    restrict_public_buckets: Attribute[bool] = absent(False)


class Encryption(Resource):
    enabled: Attribute[bool] = absent(False)
    algorithm: Attribute[str] = absent("")
    kms_key_id: Attribute[str] = absent("")


class Versioning(Resource):
    enabled: Attribute[bool] = absent(False)
    mfa_delete: Attribute[bool] = absent(False)


class Logging(Resource):
    enabled: Attribute[bool] = absent(False)
    target_bucket: Attribute[str] = absent("")


class Grantee(Resource):
    uri: Attribute[str] = absent("")
    type: Attribute[str] = absent("")


class Grant(Resource):
    grantee: Grantee = field(default_factory=Grantee)
    permissions: list[Attribute[str]] = []


class LifecycleRule(Resource):
    status: Attribute[str] = absent("")


class Website(Resource):
    """That the bucket serves a website."""


class Bucket(Resource):
    """acl: the canned ACL in Terraform's spelling (`public-read-write`)."""

    name: Attribute[str] = absent("")
    public_access_block: PublicAccessBlock | None = None
    bucket_policies: list[NamedPolicy] = []
    encryption: Encryption = field(default_factory=Encryption)
    versioning: Versioning = field(default_factory=Versioning)
    logging: Logging = field(default_factory=Logging)
    acl: Attribute[str] = absent("private")
    grants: list[Grant] = []
    bucket_location: Attribute[str] = absent("")
    accelerate_configuration_status: Attribute[str] = absent("")
    lifecycle_configuration: list[LifecycleRule] = []
    website: Website | None = None

    @property
    def public_by_acl(self) -> bool:
        """Whether its ACL lets strangers in and no public access block undoes that."""
        if self.acl.known and self.acl.value not in PUBLIC_ACLS:
            return False
        block = self.public_access_block
        if block is not None and (block.ignore_public_acls.is_true or block.block_public_acls.is_true):
            return False
        return self.acl.equals(*PUBLIC_ACLS)


class S3(Resource):
    buckets: list[Bucket] = []


# Terraform


def terraform(graph: Graph) -> S3:
    """S3 of a Terraform project."""
    buckets = Owners(graph, ("aws_s3_bucket",), terraform_bucket, Bucket)
    for type_, tell in SATELLITES.items():
        for block in graph.resources(type_):
            tell(buckets.of(block, "bucket"), block)
    return S3(buckets=buckets.all)


def terraform_bucket(block: Block) -> Bucket:
    """A bucket with what its own block says: all of it up to version 3 of the provider, little since."""
    bucket = Bucket(
        cause=block.cause,
        name=block.string("bucket"),
        acl=block.string("acl", "private"),
        bucket_location=block.string("region"),
        encryption=_encryption(block, "server_side_encryption_configuration."),
        versioning=_versioning(block),
        logging=_logging(block, "logging."),
        grants=[
            Grant(
                cause=grant.cause,
                grantee=Grantee(cause=grant.cause, uri=grant.string("uri"), type=grant.string("type")),
                permissions=grant.strings("permissions"),
            )
            for grant in block.blocks("grant")
        ],
    )
    if block.has("policy"):
        _tell_policy(bucket, block)
    if website := block.block("website"):
        _tell_website(bucket, website)
    return bucket


def _encryption(block: Block, inner: str = "") -> Encryption:
    default = f"{inner}rule.apply_server_side_encryption_by_default"
    algorithm = block.string(f"{default}.sse_algorithm")
    written = block.block(default)
    return Encryption(
        cause=(written or block).cause,
        enabled=algorithm.holds(bool),
        algorithm=algorithm,
        kms_key_id=block.string(f"{default}.kms_master_key_id"),
    )


def _logging(block: Block, inner: str = "") -> Logging:
    target = block.string(f"{inner}target_bucket")
    # A target that is not known yet is still one.
    enabled = Attribute(not target.known or bool(target.value), target.cause, explicit=target.explicit)
    return Logging(cause=target.cause, enabled=enabled, target_bucket=target)


def _versioning(block: Block) -> Versioning:
    written = block.block("versioning")
    versioning = Versioning(
        cause=(written or block).cause,
        # A block without `enabled` leaves versioning off; Trivy takes it as on.
        enabled=block.boolean("versioning.enabled"),
        mfa_delete=block.boolean("versioning.mfa_delete"),
    )
    lock = block.boolean("object_lock_enabled")
    if not lock.explicit:
        lock = block.string("object_lock_configuration.object_lock_enabled").holds(_on)
    return _locked(versioning, lock)


def _locked(versioning: Versioning, lock: Attribute[bool]) -> Versioning:
    """Object lock only comes with versioning, and turns it on."""
    if lock.value and not versioning.enabled.explicit:
        versioning.enabled = lock
    return versioning


def _on(status: str) -> bool:
    return status.lower() == "enabled"


def _tell_access_block(bucket: Bucket, block: Block) -> None:
    bucket.public_access_block = PublicAccessBlock(
        cause=block.cause,
        block_public_acls=block.boolean("block_public_acls"),
        block_public_policy=block.boolean("block_public_policy"),
        ignore_public_acls=block.boolean("ignore_public_acls"),
        restrict_public_buckets=block.boolean("restrict_public_buckets"),
    )


def _tell_versioning(bucket: Bucket, block: Block) -> None:
    bucket.versioning = Versioning(
        cause=block.cause,
        enabled=block.string("versioning_configuration.status").holds(_on),
        mfa_delete=block.string("versioning_configuration.mfa_delete").holds(_on),
    )


def _tell_object_lock(bucket: Bucket, block: Block) -> None:
    _locked(bucket.versioning, block.string("object_lock_enabled", "Enabled").holds(_on))


def _tell_encryption(bucket: Bucket, block: Block) -> None:
    if not bucket.encryption.algorithm.explicit:
        bucket.encryption = _encryption(block)


def _tell_logging(bucket: Bucket, block: Block) -> None:
    if not bucket.logging.target_bucket.explicit:
        bucket.logging = _logging(block)


def _tell_acl(bucket: Bucket, block: Block) -> None:
    if not bucket.acl.explicit:
        bucket.acl = block.string("acl", "private")
    bucket.grants += [
        Grant(
            cause=grant.cause,
            grantee=Grantee(cause=grant.cause, uri=grant.string("grantee.uri"), type=grant.string("grantee.type")),
            permissions=grant.strings("permission"),
        )
        for grant in block.blocks("access_control_policy.grant")
    ]


def _tell_policy(bucket: Bucket, block: Block) -> None:
    bucket.bucket_policies.append(NamedPolicy(cause=block.cause, document=block_policy(block, "policy")))


def _tell_acceleration(bucket: Bucket, block: Block) -> None:
    bucket.accelerate_configuration_status = block.string("status", "Enabled")


def _tell_lifecycle(bucket: Bucket, block: Block) -> None:
    bucket.lifecycle_configuration += [
        LifecycleRule(cause=rule.cause, status=rule.string("status", "Enabled")) for rule in block.blocks("rule")
    ]


def _tell_website(bucket: Bucket, block: Block) -> None:
    bucket.website = Website(cause=block.cause)


SATELLITES: dict[str, Callable[[Bucket, Block], None]] = {
    "aws_s3_bucket_public_access_block": _tell_access_block,
    "aws_s3_bucket_versioning": _tell_versioning,
    "aws_s3_bucket_object_lock_configuration": _tell_object_lock,
    "aws_s3_bucket_server_side_encryption_configuration": _tell_encryption,
    "aws_s3_bucket_logging": _tell_logging,
    "aws_s3_bucket_acl": _tell_acl,
    "aws_s3_bucket_policy": _tell_policy,
    "aws_s3_bucket_accelerate_configuration": _tell_acceleration,
    "aws_s3_bucket_lifecycle_configuration": _tell_lifecycle,
    "aws_s3_bucket_website_configuration": _tell_website,
}
"""Resources about a bucket, which they name in their argument `bucket`. In this order: an object lock is read after
versioning."""


# CloudFormation


def cloudformation(graph: Graph) -> S3:
    """S3 of a CloudFormation template."""
    buckets = Owners(graph, ("AWS::S3::Bucket",), cloudformation_bucket, Bucket)
    for block in graph.resources("AWS::S3::BucketPolicy"):
        policy = NamedPolicy(cause=block.cause, document=block_policy(block, "PolicyDocument"))
        buckets.of(block, "Bucket").bucket_policies.append(policy)
    return S3(buckets=buckets.all)


def cloudformation_bucket(block: Block) -> Bucket:
    """A bucket with all that its properties say."""
    default = "BucketEncryption.ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault"
    algorithm = block.string(f"{default}.SSEAlgorithm")
    logging = block.block("LoggingConfiguration")
    acl = block.string("AccessControl", "Private")
    bucket = Bucket(
        cause=block.cause,
        name=block.string("BucketName"),
        encryption=Encryption(
            cause=(block.block(default) or block).cause,
            enabled=algorithm.holds(bool),
            algorithm=algorithm,
            kms_key_id=block.string(f"{default}.KMSMasterKeyID"),
        ),
        versioning=Versioning(
            cause=(block.block("VersioningConfiguration") or block).cause,
            enabled=block.string("VersioningConfiguration.Status").holds(_on),
            mfa_delete=Attribute(False, block.cause, explicit=False),  # CloudFormation has no property for it
        ),
        logging=Logging(
            cause=(logging or block).cause,
            # Without a destination the logs go to the bucket itself.
            enabled=Attribute(logging is not None, (logging or block).cause, explicit=logging is not None),
            target_bucket=block.string("LoggingConfiguration.DestinationBucketName"),
        ),
        acl=Attribute(dashed(acl.value), acl.cause, acl.known, acl.explicit),
        accelerate_configuration_status=block.string("AccelerateConfiguration.AccelerationStatus"),
        lifecycle_configuration=[
            LifecycleRule(cause=rule.cause, status=rule.string("Status"))
            for rule in block.blocks("LifecycleConfiguration.Rules")
        ],
    )
    if access := block.block("PublicAccessBlockConfiguration"):
        bucket.public_access_block = PublicAccessBlock(
            cause=access.cause,
            block_public_acls=access.boolean("BlockPublicAcls"),
            block_public_policy=access.boolean("BlockPublicPolicy"),
            ignore_public_acls=access.boolean("IgnorePublicAcls"),
            restrict_public_buckets=access.boolean("RestrictPublicBuckets"),
        )
    if website := block.block("WebsiteConfiguration"):
        bucket.website = Website(cause=website.cause)
    return bucket


def dashed(acl: str) -> str:
    """A canned ACL in Terraform's spelling: `PublicReadWrite` is `public-read-write`."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in acl).lstrip("-")


service = Service(
    path="aws.s3",
    model=S3,
    terraform=Adapter(types=("aws_s3_bucket", *SATELLITES), fill=terraform),
    cloudformation=Adapter(types=("AWS::S3::Bucket", "AWS::S3::BucketPolicy"), fill=cloudformation),
)
