"""Amazon SQS: queues and their policies."""

from __future__ import annotations

from msgspec import field

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.owners import Owners
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.resources.aws.policy import NamedPolicy, block_policy
from vigie.misconfig.value import Attribute


class Encryption(Resource):
    """managed_encryption: with keys of SQS itself."""

    kms_key_id: Attribute[str] = absent("")
    managed_encryption: Attribute[bool] = absent(False)


class Queue(Resource):
    queue_url: Attribute[str] = absent("")
    encryption: Encryption = field(default_factory=Encryption)
    policies: list[NamedPolicy] = []


class Sqs(Resource):
    queues: list[Queue] = []


def terraform(graph: Graph) -> Sqs:
    """Queues of a Terraform project."""
    queues = Owners(graph, ("aws_sqs_queue",), _terraform_queue, Queue)
    for block in graph.resources("aws_sqs_queue_policy"):
        queues.of(block, "queue_url").policies.append(_policy(block, "policy"))
    return Sqs(queues=queues.all)


def cloudformation(graph: Graph) -> Sqs:
    """Queues of a CloudFormation template."""
    queues = Owners(graph, ("AWS::SQS::Queue",), _cloudformation_queue, Queue)
    for block in graph.resources("AWS::SQS::QueuePolicy"):
        for queue in queues.named(block, "Queues"):
            queue.policies.append(_policy(block, "PolicyDocument"))
    return Sqs(queues=queues.all)


def _terraform_queue(block: Block) -> Queue:
    return Queue(
        cause=block.cause,
        queue_url=block.string("url"),
        encryption=Encryption(
            cause=block.cause,
            kms_key_id=block.string("kms_master_key_id"),
            managed_encryption=block.boolean("sqs_managed_sse_enabled"),
        ),
        policies=[_policy(block, "policy")] if block.has("policy") else [],
    )


def _cloudformation_queue(block: Block) -> Queue:
    return Queue(
        cause=block.cause,
        encryption=Encryption(
            cause=block.cause,
            kms_key_id=block.string("KmsMasterKeyId"),
            # Trivy does not read this property.
            managed_encryption=block.boolean("SqsManagedSseEnabled"),
        ),
    )


def _policy(block: Block, path: str) -> NamedPolicy:
    return NamedPolicy(
        cause=block.cause,
        document=block_policy(block, path),
        builtin=Attribute(False, block.cause, explicit=False),
    )


service = Service(
    path="aws.sqs",
    model=Sqs,
    terraform=Adapter(types=("aws_sqs_queue", "aws_sqs_queue_policy"), fill=terraform),
    cloudformation=Adapter(types=("AWS::SQS::Queue", "AWS::SQS::QueuePolicy"), fill=cloudformation),
)
