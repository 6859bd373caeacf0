"""Checks of AWS Config."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.config import Aggregator


@check(
    "AWS-0019",
    "aws.config.configuration_aggregrator",
    severity="HIGH",
    code="aggregate-all-regions",
    title="Aggregators of AWS Config should collect from all regions",
    why="What is made in a region that the aggregator leaves out stays unseen, which attackers make use of.",
    fix="Set `all_regions = true` (CloudFormation: `AllAwsRegions`) in the source of the aggregator.",
    references=("https://docs.aws.amazon.com/config/latest/developerguide/aggregate-data.html",),
)
def collects_all_regions(aggregator: Aggregator) -> Flaws:
    if not aggregator.source_all_regions.is_true:
        yield flaw("The aggregator does not collect from all regions.", aggregator.source_all_regions)
