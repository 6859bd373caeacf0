"""CloudFront: distributions."""

from __future__ import annotations

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service
from vigie.misconfig.value import Attribute


class StandardLogging(Resource):
    """Standard logging, version 2: delivered by CloudWatch Logs."""

    enabled: Attribute[bool]


class Logging(Resource):
    """Access logs. bucket: that of legacy standard logging."""

    bucket: Attribute[str]
    v2: StandardLogging


class CacheBehaviour(Resource):
    """How requests of some paths are served."""

    viewer_protocol_policy: Attribute[str]


class ViewerCertificate(Resource):
    """The certificate viewers see."""

    cloudfront_default_certificate: Attribute[bool]
    ssl_support_method: Attribute[str]
    minimum_protocol_version: Attribute[str]


class Distribution(Resource):
    """A distribution. orderer_cache_behaviours: spelt as the field spells it."""

    waf_id: Attribute[str]
    logging: Logging
    default_cache_behaviour: CacheBehaviour
    orderer_cache_behaviours: list[CacheBehaviour]
    viewer_certificate: ViewerCertificate


class CloudFront(Resource):
    """The service."""

    distributions: list[Distribution]


TERRAFORM = ("aws_cloudfront_distribution", "aws_cloudwatch_log_delivery_source", "aws_cloudwatch_log_delivery")
CLOUDFORMATION = ("AWS::CloudFront::Distribution", "AWS::Logs::DeliverySource", "AWS::Logs::Delivery")


def deliveries(graph: Graph, types: tuple[str, str, str], links: tuple[str, str]) -> dict[Block, Block]:
    """Distributions whose logs are delivered, with the delivery. types: of distributions, sources and deliveries,
    links: the attributes by which a source names its resource and a delivery its source."""
    distribution, source, delivery = types
    of_source, of_delivery = links
    found: dict[Block, Block] = {}
    sources = {
        block: target
        for block in graph.resources(source)
        if (target := graph.target(block, of_source, distribution)) is not None
    }
    for block in graph.resources(delivery):
        through = graph.target(block, of_delivery, source)
        if through in sources:
            found.setdefault(sources[through], block)
    return found


def standard_logging(block: Block, delivered: dict[Block, Block]) -> StandardLogging:
    """Whether the distribution's logs are delivered."""
    delivery = delivered.get(block)
    if delivery is None:
        return StandardLogging(cause=block.cause, enabled=Attribute(False, block.cause, explicit=False))
    return StandardLogging(cause=delivery.cause, enabled=Attribute(True, delivery.cause))


def from_terraform(graph: Graph) -> CloudFront:
    delivered = deliveries(graph, TERRAFORM, ("resource_arn", "delivery_source_name"))
    return CloudFront(
        distributions=[terraform_distribution(block, delivered) for block in graph.resources(TERRAFORM[0])]
    )


def terraform_distribution(block: Block, delivered: dict[Block, Block]) -> Distribution:
    logging = block.block("logging_config") or block
    default = block.block("default_cache_behavior") or block
    certificate = block.block("viewer_certificate") or block
    return Distribution(
        cause=block.cause,
        waf_id=block.string("web_acl_id"),
        logging=Logging(
            cause=logging.cause,
            bucket=block.string("logging_config.bucket"),
            v2=standard_logging(block, delivered),
        ),
        default_cache_behaviour=CacheBehaviour(
            cause=default.cause,
            viewer_protocol_policy=block.string("default_cache_behavior.viewer_protocol_policy"),
        ),
        orderer_cache_behaviours=[
            CacheBehaviour(cause=part.cause, viewer_protocol_policy=part.string("viewer_protocol_policy"))
            for part in block.blocks("ordered_cache_behavior")
        ],
        viewer_certificate=ViewerCertificate(
            cause=certificate.cause,
            cloudfront_default_certificate=block.boolean("viewer_certificate.cloudfront_default_certificate"),
            ssl_support_method=block.string("viewer_certificate.ssl_support_method"),
            minimum_protocol_version=block.string("viewer_certificate.minimum_protocol_version", "TLSv1"),
        ),
    )


def from_cloudformation(graph: Graph) -> CloudFront:
    delivered = deliveries(graph, CLOUDFORMATION, ("ResourceArn", "DeliverySourceName"))
    return CloudFront(
        distributions=[cloudformation_distribution(block, delivered) for block in graph.resources(CLOUDFORMATION[0])]
    )


def cloudformation_distribution(block: Block, delivered: dict[Block, Block]) -> Distribution:
    config = block.block("DistributionConfig") or block
    logging = config.block("Logging") or config
    default = config.block("DefaultCacheBehavior") or config
    certificate = config.block("ViewerCertificate") or config
    return Distribution(
        cause=block.cause,
        waf_id=block.string("DistributionConfig.WebACLId"),
        logging=Logging(
            cause=logging.cause,
            bucket=block.string("DistributionConfig.Logging.Bucket"),
            v2=standard_logging(block, delivered),
        ),
        default_cache_behaviour=CacheBehaviour(
            cause=default.cause,
            viewer_protocol_policy=block.string("DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy"),
        ),
        orderer_cache_behaviours=[
            CacheBehaviour(cause=part.cause, viewer_protocol_policy=part.string("ViewerProtocolPolicy"))
            for part in block.blocks("DistributionConfig.CacheBehaviors")
        ],
        viewer_certificate=ViewerCertificate(
            cause=certificate.cause,
            cloudfront_default_certificate=block.boolean(
                "DistributionConfig.ViewerCertificate.CloudFrontDefaultCertificate"
            ),
            ssl_support_method=block.string("DistributionConfig.ViewerCertificate.SslSupportMethod"),
            minimum_protocol_version=block.string("DistributionConfig.ViewerCertificate.MinimumProtocolVersion"),
        ),
    )


service = Service(
    path="aws.cloudfront",
    model=CloudFront,
    terraform=Adapter(types=TERRAFORM, fill=from_terraform),
    cloudformation=Adapter(types=CLOUDFORMATION, fill=from_cloudformation),
)
