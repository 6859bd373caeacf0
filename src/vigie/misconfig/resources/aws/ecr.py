"""ECR: repositories and who may use them."""

from __future__ import annotations

from msgspec import field

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.resources.aws.policy import NamedPolicy, block_policy
from vigie.misconfig.value import Attribute


class ImageScanning(Resource):
    """Scans of pushed images."""

    scan_on_push: Attribute[bool] = absent(False)


class Encryption(Resource):
    """Encryption of images: `AES256`, `KMS` or `KMS_DSSE`."""

    type: Attribute[str] = absent("AES256")
    kms_key_id: Attribute[str] = absent("")


class Repository(Resource):
    """A repository of images."""

    image_scanning: ImageScanning = field(default_factory=ImageScanning)
    image_tags_immutable: Attribute[bool] = absent(False)
    policies: list[NamedPolicy] = []
    encryption: Encryption = field(default_factory=Encryption)


class ECR(Resource):
    """The service."""

    repositories: list[Repository]


def immutable(value: str) -> bool:
    """Whether no tag can be overwritten."""
    return value == "IMMUTABLE"


def policy(block: Block, path: str) -> NamedPolicy:
    """A policy, which has no name here."""
    document = block_policy(block, path)
    return NamedPolicy(
        cause=block.cause,
        name=Attribute("", block.cause, explicit=False),
        document=document,
        builtin=Attribute(False, block.cause, explicit=False),
    )


def from_terraform(graph: Graph) -> ECR:
    linked = {
        parent: [policy(block, "policy") for block in blocks]
        for parent, blocks in graph.linked(("aws_ecr_repository_policy",), "repository", "aws_ecr_repository").items()
    }
    repositories = [
        Repository(
            cause=block.cause,
            image_scanning=ImageScanning(
                cause=(block.block("image_scanning_configuration") or block).cause,
                scan_on_push=block.boolean("image_scanning_configuration.scan_on_push"),
            ),
            image_tags_immutable=block.string("image_tag_mutability", "MUTABLE").holds(immutable),
            policies=linked.pop(block, []),
            encryption=Encryption(
                cause=(block.block("encryption_configuration") or block).cause,
                type=block.string("encryption_configuration.encryption_type", "AES256"),
                kms_key_id=block.string("encryption_configuration.kms_key"),
            ),
        )
        for block in graph.resources("aws_ecr_repository")
    ]
    if linked:
        repositories.append(Repository(policies=[one for own in linked.values() for one in own]))
    return ECR(repositories=repositories)


def from_cloudformation(graph: Graph) -> ECR:
    return ECR(
        repositories=[
            Repository(
                cause=block.cause,
                image_scanning=ImageScanning(
                    cause=(block.block("ImageScanningConfiguration") or block).cause,
                    scan_on_push=block.boolean("ImageScanningConfiguration.ScanOnPush"),
                ),
                image_tags_immutable=block.string("ImageTagMutability", "MUTABLE").holds(immutable),
                policies=[policy(block, "RepositoryPolicyText")] if block.has("RepositoryPolicyText") else [],
                encryption=Encryption(
                    cause=(block.block("EncryptionConfiguration") or block).cause,
                    type=block.string("EncryptionConfiguration.EncryptionType", "AES256"),
                    kms_key_id=block.string("EncryptionConfiguration.KmsKey"),
                ),
            )
            for block in graph.resources("AWS::ECR::Repository")
        ]
    )


service = Service(
    path="aws.ecr",
    model=ECR,
    terraform=Adapter(types=("aws_ecr_repository", "aws_ecr_repository_policy"), fill=from_terraform),
    cloudformation=Adapter(types=("AWS::ECR::Repository",), fill=from_cloudformation),
)
