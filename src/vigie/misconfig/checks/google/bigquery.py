"""Checks of BigQuery."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.google.bigquery import AccessGrant


@check(
    "GCP-0046",
    "google.bigquery.datasets.access_grants",
    severity="CRITICAL",
    code="no-public-access",
    title="BigQuery datasets should not be open to everyone",
    why="allAuthenticatedUsers is everybody with any Google account: all the data of the dataset is public.",
    fix="Grant access to the people, groups or domains that need it.",
    references=("https://cloud.google.com/bigquery/docs/dataset-access-controls",),
)
def not_public(grant: AccessGrant) -> Flaws:
    if grant.special_group.equals("allAuthenticatedUsers"):
        yield flaw("Everybody with a Google account has access to the dataset.", grant.special_group)
