"""AWS Config: the aggregator that collects the configuration of all accounts and regions."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import field

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class Aggregator(Resource):
    source_all_regions: Attribute[bool] = absent(False)


class Config(Resource):
    """configuration_aggregrator: as the field spells it."""

    configuration_aggregrator: Aggregator = field(default_factory=Aggregator)


def terraform(graph: Graph) -> Config:
    """Config of a Terraform project."""
    sources = ("account_aggregation_source", "organization_aggregation_source")
    return _config(graph.resources("aws_config_configuration_aggregator"), sources, "all_regions")


def cloudformation(graph: Graph) -> Config:
    """Config of a CloudFormation template."""
    sources = ("AccountAggregationSources", "OrganizationAggregationSource")
    return _config(graph.resources("AWS::Config::ConfigurationAggregator"), sources, "AllAwsRegions")


def _config(blocks: Iterable[Block], sources: tuple[str, str], name: str) -> Config:
    """The model has room for one aggregator: the first with a source that leaves out regions, else the first."""
    found: list[Aggregator] = []
    for block in blocks:
        written = [source for path in sources for source in block.blocks(path)] or [block]
        for source in written:
            aggregator = Aggregator(cause=block.cause, source_all_regions=source.boolean(name))
            if not aggregator.source_all_regions.is_true:
                return Config(configuration_aggregrator=aggregator)
            found.append(aggregator)
    return Config(configuration_aggregrator=found[0]) if found else Config()


service = Service(
    path="aws.config",
    model=Config,
    terraform=Adapter(types=("aws_config_configuration_aggregator",), fill=terraform, always=True),
    cloudformation=Adapter(types=("AWS::Config::ConfigurationAggregator",), fill=cloudformation, always=True),
)
